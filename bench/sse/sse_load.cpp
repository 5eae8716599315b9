// Load for a server of event streams: opens subscribers, publishes by POST, and reports what each
// delivery cost the server and when it arrived. The same program drives every server, so their
// figures can be compared.
//
//     sse_load --port P --sub PATH --pub PATH --pids 1,2 --clients N --events N [--rate N]
//              [--batches N] [--lot N] [--stalled N] [--p99-below MS] [--leave]
//
// The clients are spread over the batches: each path gets "?b=NUMBER", and the events take turns.
// Without a rate, it publishes as fast as its POSTs are answered. With --lot, each POST has that
// many events, a line "BATCH EVENT" for each, as a sink receives many events at once from the
// history. Every event has a number and the time at which it was sent. A client that receives a
// number twice, late or not at all counts as wrong. With --leave, all clients disconnect at once by
// RST, and the server has 30 s to release their descriptors and threads. The status is 1 if an
// event was lost or wrong, or a bound was exceeded.
#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "server_cost.h"

namespace {

using Clock = std::chrono::steady_clock;
using namespace sheafline::bench;
using namespace std::chrono_literals;

struct Options {
    int port = 0;
    std::string subscribe_path;
    std::string publish_path;
    std::vector<int> pids;  // of the server
    std::size_t clients = 1'000;
    std::size_t events = 1'000;  // of all batches together
    std::size_t batches = 1;
    std::size_t lot = 1;  // events of a POST
    double rate = 0;      // events a second; 0 means as fast as possible
    std::size_t stalled = 0;
    double p99_below_ms = 0;  // 0 means no bound
    bool leave = false;
};

struct Client {
    int fd = -1;
    bool open = false;  // the head of its answer has arrived
    std::int64_t last = -1;
    std::string rest;  // a possible beginning of an event's numbers
};

std::int64_t nowNs() { return Clock::now().time_since_epoch().count(); }

int connectTo(int port, int receive_buffer = 0) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    if (receive_buffer > 0)
        ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        throw std::runtime_error("cannot connect");
    return fd;
}

class Load {
 public:
    explicit Load(Options options) : options_(std::move(options)), epoll_(::epoll_create1(0)) {}

    // Whether the result meets the options.
    bool run() {
        const Held before = heldBy(options_.pids);
        const double way_in_seconds = cpuSecondsOfWayIn();
        const double idle_kb = residentKb(options_.pids);
        subscribe();
        const double subscribed_kb = residentKb(options_.pids);
        const double cpu_before = cpuSeconds(options_.pids);
        const auto begin = Clock::now();
        std::jthread publisher([this] { publish(); });
        const std::size_t expected =
            (options_.clients - options_.stalled) * options_.events / options_.batches;
        auto progress = Clock::now();
        while (deliveries_ < expected && Clock::now() - progress < 15s) {
            if (poll(100) > 0) progress = Clock::now();
        }
        const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
        const double cpu = cpuSeconds(options_.pids) - cpu_before;
        const auto clients = static_cast<double>(options_.clients);
        const auto delivered = static_cast<double>(deliveries_);
        std::printf(
            "clients %zu batches %zu events %zu: %.2f CPU s per million (%.2f without its POSTs), "
            "%.0f deliveries/s, p50 "
            "%.1f ms, "
            "p99 %.1f ms, %.2f KB a subscriber, RSS %.1f -> %.1f MB, lost %zu, wrong %zu\n",
            options_.clients, options_.batches, options_.events, cpu / delivered * 1e6,
            std::max(0.0, cpu - way_in_seconds * static_cast<double>(options_.events)) / delivered *
                1e6,
            delivered / seconds, percentile(0.50), percentile(0.99),
            (subscribed_kb - idle_kb) / clients, subscribed_kb / 1024,
            residentKb(options_.pids) / 1024, expected - deliveries_, wrong_);
        bool good = deliveries_ == expected && wrong_ == 0;
        if (options_.p99_below_ms > 0 && percentile(0.99) >= options_.p99_below_ms) good = false;
        return leave(before) && good;
    }

 private:
    bool leave(const Held& before) {
        if (!options_.leave) return true;
        const Held during = heldBy(options_.pids);
        const linger reset{.l_onoff = 1, .l_linger = 0};
        for (const Client& client : clients_) {
            ::setsockopt(client.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
            ::close(client.fd);
        }
        const auto end = Clock::now() + 30s;
        Held after = heldBy(options_.pids);
        while (after.descriptors > before.descriptors + kSpare && Clock::now() < end) {
            std::this_thread::sleep_for(100ms);
            after = heldBy(options_.pids);
        }
        std::printf("descriptors %zu, %zu, %zu; threads %zu, %zu, %zu (before, during, after)\n",
                    before.descriptors, during.descriptors, after.descriptors, before.threads,
                    during.threads, after.threads);
        return after.descriptors <= before.descriptors + kSpare &&
               during.threads <= before.threads + kSpare;
    }

    void subscribe() {
        clients_.resize(options_.clients);
        for (std::size_t i = 0; i < clients_.size(); ++i) {
            Client& client = clients_[i];
            client.fd = connectTo(options_.port, i < options_.stalled ? 4'096 : 0);
            const std::string request =
                "GET " + options_.subscribe_path + "?b=" + std::to_string(i % options_.batches) +
                " HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n";
            if (::send(client.fd, request.data(), request.size(), MSG_NOSIGNAL) < 0)
                throw std::runtime_error("a subscriber was refused");
            // A stalled client reads only the head.
            epoll_event event{.events = EPOLLIN, .data = {.ptr = &client}};
            if (i < options_.stalled) event.events |= EPOLLONESHOT;
            ::epoll_ctl(epoll_, EPOLL_CTL_ADD, client.fd, &event);
            if (i % 100 == 99) poll(0);
        }
        while (open_ < clients_.size()) poll(100);
        // Work for the last events that is done later is not part of the cost of a delivery.
        double before = -1;
        for (double now = cpuSeconds(options_.pids); now > before;) {
            before = now;
            const auto end = Clock::now() + 300ms;
            while (Clock::now() < end) poll(50);
            now = cpuSeconds(options_.pids);
        }
    }

    std::size_t poll(int ms) {
        std::array<epoll_event, 512> events;
        const std::size_t before = deliveries_;
        const int n = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), ms);
        for (int i = 0; i < n; ++i)
            read(*static_cast<Client*>(events[static_cast<std::size_t>(i)].data.ptr));
        return deliveries_ - before;
    }

    void read(Client& client) {
        static std::array<char, 1U << 18U> piece;
        const ssize_t n = ::recv(client.fd, piece.data(), piece.size(), MSG_DONTWAIT);
        if (n <= 0) {
            if (n == 0) ::epoll_ctl(epoll_, EPOLL_CTL_DEL, client.fd, nullptr);
            return;
        }
        const std::int64_t now = nowNs();
        std::string_view bytes(piece.data(), static_cast<std::size_t>(n));
        if (!client.open) {
            if (!bytes.starts_with("HTTP/1.1 200 "))
                throw std::runtime_error("no stream was given");
            ++open_;
            client.open = true;
        }
        if (!client.rest.empty()) {
            client.rest += bytes;
            bytes = client.rest;
        }
        std::size_t used = 0;
        for (std::size_t at = bytes.find("\"n\":"); at != std::string_view::npos;
             at = bytes.find("\"n\":", used)) {
            const std::size_t end = bytes.find('}', at);
            if (end == std::string_view::npos) break;
            deliver(client, bytes.substr(at, end - at), now);
            used = end;
        }
        const std::size_t open = bytes.find('{', used);
        std::string rest =
            open == std::string_view::npos ? std::string() : std::string(bytes.substr(open));
        client.rest = std::move(rest);
    }

    // `numbers` is "n":1,"t":2 as publish() writes it at the end of each event.
    void deliver(Client& client, std::string_view numbers, std::int64_t now) {
        std::int64_t number = 0;
        std::int64_t sent = 0;
        const auto [comma, error] =
            std::from_chars(numbers.data() + 4, numbers.data() + numbers.size(), number);
        std::from_chars(comma + 5, numbers.data() + numbers.size(), sent);
        if (error != std::errc() || number != client.last + 1) ++wrong_;
        client.last = number;
        ++deliveries_;
        latencies_ms_.push_back(static_cast<float>(static_cast<double>(now - sent) / 1e6));
    }

    // The cost of an event without subscribers: it is the cost of publishing, which is not part of
    // a delivery.
    double cpuSecondsOfWayIn() const {
        const std::size_t posts = options_.lot == 1 ? 3'000 : 200;
        const int fd = connectTo(options_.port);
        const double before = cpuSeconds(options_.pids);
        for (std::size_t i = 0; i < posts; ++i) post(fd, lotOf(i * options_.lot, "none"));
        ::close(fd);
        return (cpuSeconds(options_.pids) - before) / static_cast<double>(posts * options_.lot);
    }

    // The query and the body of a POST with the events from `first` on.
    struct Post {
        std::string query;
        std::string body;
    };
    Post lotOf(std::size_t first, const std::string& other_batch = {}) const {
        const auto batchOf = [&](std::size_t i) {
            return other_batch.empty() ? std::to_string(i % options_.batches) : other_batch;
        };
        if (options_.lot == 1) return {.query = "?b=" + batchOf(first), .body = eventOf(first)};
        Post lot;
        for (std::size_t i = first; i < first + options_.lot; ++i)
            lot.body += batchOf(i) + ' ' + eventOf(i) + '\n';
        return lot;
    }

    std::string eventOf(std::size_t i) const {
        return R"({"stage":"processing_sheets","message":"Progress: 1368/11404 tasks completed",)"
               R"("progress_percentage":12.0,"sheets_total":11404,"sheets_processed":1368,)"
               R"("elapsed_seconds":47,"timestamp":"2025-11-20T12:00:05Z","batch_id":"b","n":)" +
               std::to_string(i / options_.batches) + ",\"t\":" + std::to_string(nowNs()) + '}';
    }

    void post(int fd, const Post& post) const {
        std::array<char, 4096> reply;
        const std::string request =
            "POST " + options_.publish_path + post.query +
            " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: " + std::to_string(post.body.size()) +
            "\r\n\r\n" + post.body;
        if (::send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0 ||
            ::recv(fd, reply.data(), reply.size(), 0) <= 0)
            throw std::runtime_error("an event was refused");
    }

    void publish() {
        const int fd = connectTo(options_.port);
        const auto begin = Clock::now();
        for (std::size_t i = 0; i < options_.events; i += options_.lot) {
            if (options_.rate > 0)
                std::this_thread::sleep_until(
                    begin +
                    std::chrono::duration_cast<Clock::duration>(
                        std::chrono::duration<double>(static_cast<double>(i) / options_.rate)));
            post(fd, lotOf(i));
        }
        ::close(fd);
    }

    double percentile(double share) {
        if (latencies_ms_.empty()) return 0;
        const auto at =
            static_cast<std::ptrdiff_t>(share * static_cast<double>(latencies_ms_.size() - 1));
        std::nth_element(latencies_ms_.begin(), latencies_ms_.begin() + at, latencies_ms_.end());
        return static_cast<double>(latencies_ms_[static_cast<std::size_t>(at)]);
    }

    static constexpr std::size_t kSpare = 16;  // handler threads are started as they are needed

    const Options options_;
    const int epoll_;
    std::vector<Client> clients_;
    std::vector<float> latencies_ms_;
    std::size_t open_ = 0;
    std::size_t deliveries_ = 0;
    std::size_t wrong_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app("load for a server of event streams");
    app.add_option("--port", options.port)->required();
    app.add_option("--sub", options.subscribe_path)->required();
    app.add_option("--pub", options.publish_path)->required();
    app.add_option("--pids", options.pids)->required()->delimiter(',');
    app.add_option("--clients", options.clients);
    app.add_option("--events", options.events);
    app.add_option("--batches", options.batches);
    app.add_option("--rate", options.rate);
    app.add_option("--lot", options.lot);
    app.add_option("--stalled", options.stalled);
    app.add_option("--p99-below", options.p99_below_ms);
    app.add_flag("--leave", options.leave);
    CLI11_PARSE(app, argc, argv);
    if (options.clients % options.batches != 0 || options.events % options.batches != 0 ||
        options.lot == 0 || options.events % options.lot != 0) {
        std::fputs(
            "sse_load: clients and events must be multiples of the batches, and events of the "
            "lot\n",
            stderr);
        return 2;
    }
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    try {
        return Load(std::move(options)).run() ? 0 : 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "sse_load: %s\n", error.what());
        return 1;
    }
}
