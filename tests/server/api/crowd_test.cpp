// Many clients at the real server: slow, silent and polling ones, and clients that need service at
// the same time.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <sys/socket.h>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "tus_client.h"

using namespace sheafline;
using namespace sheafline::test;
using http::test::bodyOf;
using http::test::RawClient;
using http::test::statusOf;
using Clock = std::chrono::steady_clock;

namespace {

using Clients = std::vector<std::unique_ptr<RawClient>>;

constexpr int kCrowd = 400;
const std::string kProbe = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

std::uint16_t portOf(const RunningServer& server) {
    return static_cast<std::uint16_t>(server.portNumber());
}

void raiseDescriptorLimit() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

Clients crowd(const RunningServer& server, int count, const std::string& begin) {
    Clients clients;
    for (int i = 0; i < count; ++i) {
        clients.push_back(std::make_unique<RawClient>(portOf(server), 4'096));
        clients.back()->send(begin);
    }
    return clients;
}

double secondsOf(const std::function<void()>& work) {
    const auto begin = Clock::now();
    work();
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

// The events of a stream over HTTP/1.0, which has no chunks and ends with the connection.
std::vector<StreamedEvent> plainStream(std::uint16_t port, const std::string& batch,
                                       const Headers& who) {
    RawClient client(port);
    std::string request = "GET " + at(batch, "/stream") + " HTTP/1.0\r\nHost: localhost\r\n";
    for (const auto& [name, text] : who)
        request.append(name).append(": ").append(text).append("\r\n");
    client.send(request + "\r\n");
    return streamedEvents(bodyOf(client.readAll()));
}

}  // namespace

TEST_CASE("400 slow clients of each kind do not stop the server from serving others", "[F49]") {
    raiseDescriptorLimit();
    const Site site;
    const RunningServer server(site, "0", {{"SHEAFLINE_USER_UPLOADS", "500"}});
    const Headers admin = server.signInAdmin();
    const std::string signed_in = "Authorization: " + admin.at("Authorization") + "\r\n";
    const std::string honest(4'000'000, 'x');
    const auto upload = [&] {
        const std::string id = server.openUpload(honest.size(), admin);
        CHECK(server.patch(id, 0, honest, admin).status == 204);
    };
    const double alone = secondsOf(upload);

    const std::string kind =
        GENERATE(as<std::string>(), "heads", "bodies", "uploads", "readers", "idle and half open");
    Clients clients;
    if (kind == "heads")
        clients = crowd(server, kCrowd, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ");
    if (kind == "bodies")
        clients = crowd(server, kCrowd,
                        "POST /api/batches/1/cancel HTTP/1.1\r\nHost: localhost\r\n" + signed_in +
                            "Content-Length: 30000\r\n\r\n");
    if (kind == "uploads") {
        for (int i = 0; i < kCrowd; ++i) {
            const std::string id = server.openUpload(1'000'000, admin);
            clients.push_back(std::make_unique<RawClient>(portOf(server)));
            clients.back()->send(
                "PATCH /api/uploads/" + id + " HTTP/1.1\r\nHost: localhost\r\n" + signed_in +
                "Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Length: "
                "1000000\r\nContent-Type: application/offset+octet-stream\r\n\r\n");
            // Half of them send more than is read ahead: each of these has a thread.
            if (i % 2 == 0) clients.back()->send(std::string(70'000, 'x'));
        }
    }
    if (kind == "readers") {
        std::string requests;
        for (int i = 0; i < 60; ++i)
            requests += "GET /api/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n";
        clients = crowd(server, kCrowd, requests);
    }
    if (kind == "idle and half open") {
        clients = crowd(server, kCrowd, "");
        for (std::size_t i = 0; i < clients.size(); i += 2) clients[i]->endSending();
    }
    for (int probe = 0; probe < 20; ++probe) {
        if (probe % 5 == 0 && kind != "readers") {
            for (const auto& client : clients) client->send("x");
        }
        const double seconds = secondsOf([&] {
            RawClient prober(portOf(server));
            prober.send(kProbe);
            REQUIRE(statusOf(prober.readReply()) == 200);
        });
        INFO(kind << ", probe " << probe << ": " << seconds << " s");
        CHECK(seconds < 1);
    }
    const double beside = secondsOf(upload);
    INFO(kind << ": an upload took " << alone << " s alone, " << beside << " s beside them");
    CHECK(beside < 5 * alone + 1);
}

TEST_CASE("1,000 streams that come and go at once leave nothing behind", "[F45]") {
    constexpr std::size_t kStreams = 1'000;
    raiseDescriptorLimit();
    const Site site;
    RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const std::string id = server.create("waits", admin);
    const std::string process = "/proc/" + std::to_string(server.program().pid());
    const auto count = [&](const char* what) {
        return static_cast<std::size_t>(
            std::distance(std::filesystem::directory_iterator(process + what), {}));
    };
    const auto streams = [&](std::size_t number) {
        const std::string line = "\nsheafline_streams " + std::to_string(number) + '\n';
        return eventually(
            [&] { return server.client().get("/metrics").body.find(line) != std::string::npos; });
    };
    REQUIRE(streams(0));
    const std::size_t descriptors = count("/fd");
    const std::string request =
        "GET " + at(id, "/stream") +
        " HTTP/1.1\r\nHost: localhost\r\nAuthorization: " + admin.at("Authorization") + "\r\n\r\n";
    Clients clients = crowd(server, kStreams, request);
    REQUIRE(streams(kStreams));
    CHECK(count("/fd") >= descriptors + kStreams);
    CHECK(count("/task") < 60);  // less than one thread for each client
    const linger reset{.l_onoff = 1, .l_linger = 0};
    for (const auto& client : clients)
        ::setsockopt(client->fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    clients.clear();
    REQUIRE(streams(0));
    // Each thread of the API keeps a reader of the history: 8 threads, 3 descriptors each.
    CHECK(eventually([&] { return count("/fd") <= descriptors + 24; }));
}

TEST_CASE("polling returns the same events as the stream at little cost", "[F48]") {
    const Site site;
    RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const std::string id = server.create("squares", admin);
    const auto events = server.stream(id, admin);
    std::string polled;
    std::string next = "0";
    std::string final_one;
    while (final_one != "true") {
        const Reply reply = server.client().get(at(id, "/progress?after=" + next), admin);
        const std::size_t begin = reply.body.find('[') + 1;
        polled += reply.body.substr(begin, reply.body.rfind("],\"next\"") - begin);
        next = value(reply.body.substr(reply.body.rfind("\"next\"")), "next");
        final_one = value(reply.body.substr(reply.body.rfind("\"final\"")), "final");
    }
    std::string streamed;
    for (const StreamedEvent& event : events)
        streamed += (streamed.empty() ? "" : ",") + event.data;
    CHECK(polled == streamed);

    const Reply newest = server.client().get(at(id, "/progress"), admin);
    CHECK(newest.body == events.back().data);
    const std::string request =
        "GET " + at(id, "/progress") +
        " HTTP/1.1\r\nHost: localhost\r\nAuthorization: " + admin.at("Authorization") +
        "\r\nIf-None-Match: " + newest.headers.at("etag") + "\r\n\r\n";
    RawClient poller(portOf(server));
    // The best of a few rounds, because other programs also use the caches of this machine.
    const auto microsOf = [&](const std::string& asked, int status) {
        constexpr int kPolls = 800;
        double micros = 1e9;
        for (int round = 0; round < 3; ++round) {
            const double before = server.cpuSeconds();
            for (int i = 0; i < kPolls; ++i) {
                poller.send(asked);
                REQUIRE(statusOf(poller.readReply()) == status);
            }
            micros = std::min(micros, (server.cpuSeconds() - before) * 1e6 / kPolls);
        }
        return micros;
    };
    const double least = microsOf("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", 200);
    const double micros = microsOf(request, 304);
    WARN("a poll that finds nothing new: "
         << micros << " us of a core, an answer without any work: " << least << " us");
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    // Session, share and batch are looked up. Of several servers, all other work of the group
    // counts too.
    if (server.shared() == nullptr) CHECK(micros < 12 * least);
#endif
}

TEST_CASE("a restart in mid-batch shows each of 100 clients every event once", "[F6]") {
    constexpr std::size_t kWatchers = 100;
    const Site site;
    auto server = std::make_unique<RunningServer>(site);
    const std::string port = server->port();
    const std::uint16_t number = portOf(*server);
    const Headers admin = server->signInAdmin();
    const std::string id = server->create("slow", admin);
    std::vector<std::vector<std::string>> seen(kWatchers);
    std::vector<std::jthread> watchers;
    for (auto& ids : seen) {
        watchers.emplace_back([&ids, &admin, &id, number] {
            Headers headers = admin;
            eventually([&] {
                try {
                    for (const StreamedEvent& event : plainStream(number, id, headers)) {
                        if (event.id.empty()) continue;
                        ids.push_back(event.id);
                        headers["Last-Event-ID"] = event.id;
                        if (event.name != "progress") return true;
                    }
                } catch (const std::exception&) {  // there is no server for a moment
                }
                return false;
            });
        });
    }
    REQUIRE(server->waitForStage(id, "processing_sheets", admin));
    const bool killed = GENERATE(false, true);
    server->program().signal(killed ? SIGKILL : SIGTERM);
    CHECK(server->program().wait().status == (killed ? 128 + SIGKILL : 0));
    server.reset();
    server = std::make_unique<RunningServer>(site, port);
    watchers.clear();
    const Reply polled = server->client().get(at(id, "/progress"), admin);
    CHECK(value(polled.body, "stage") == "completed");
    std::vector<std::string> all;
    for (int seq = 1; seq <= std::stoi(value(polled.body, "seq")); ++seq)
        all.push_back(std::to_string(seq));
    for (const auto& ids : seen) CHECK(ids == all);
}
