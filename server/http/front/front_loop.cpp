#include "http/front/front_loop.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <random>
#include <sstream>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <sheafline/error.h>

#include "http/front/listening_socket.h"

namespace sheafline::http {

namespace {

constexpr std::size_t kEvents = 256;
constexpr std::string_view kBusyReply =
    "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\n"
    "Connection: close\r\n\r\n";
constexpr std::chrono::seconds kYoung{1};  // a head that began later is not evicted

// The connections that the descriptor limit allows besides files, databases and streams.
std::size_t affordable(std::size_t wanted) {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    const std::size_t spare = limit.rlim_cur / 4 < 64 ? limit.rlim_cur / 4 : 64;
    return std::min<std::size_t>(wanted, limit.rlim_cur - spare);
}

std::string randomPrefix() {
    std::random_device device;
    std::ostringstream text;
    text << std::hex << device() << '-';
    return text.str();
}

void clear(const FileDescriptor& event) {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t n = ::read(event.get(), &count, sizeof count);
}

void watch(const FileDescriptor& epoll, const FileDescriptor& fd, std::uint32_t events, void* who) {
    epoll_event event{.events = events, .data = {.ptr = who}};
    if (::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd.get(), &event) != 0)
        throwSystemError(errno, "cannot watch a socket");
}

}  // namespace

Front::Loop::Loop(FrontConfig config, const RoutePolicy& policy, Log& log)
    : config_(std::move(config)),
      policy_(policy),
      proxies_(config_.trusted_proxies),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      listener_(listenOn(config_)),
      spare_(::open("/dev/null", O_RDONLY | O_CLOEXEC)),
      local_(nameOf(listener_)),
      max_connections_(affordable(config_.max_connections)),
      id_prefix_(randomPrefix()),
      serve_settings_{.exchange = {.config = config_,
                                   .epoll_fd = epoll_.get(),
                                   .buffered_bytes = buffered_bytes_,
                                   .stopping = stopping_,
                                   .give_up = give_up_},
                      .local = local_,
                      .poco = new Poco::Net::HTTPServerParams,
                      .log = log},
      api_(config_.api_threads, config_.queue_length, config_.thread_idle),
      hashing_(config_.hashing_threads, config_.hashing_queue, config_.thread_idle),
      uploads_(config_.upload_threads, config_.queue_length, config_.thread_idle),
      bulk_(config_.bulk_threads, config_.queue_length, config_.thread_idle) {
    watch(epoll_, wake_, EPOLLIN, &wake_);
    watch(epoll_, listener_, EPOLLIN, &listener_);
}

Front::Loop::~Loop() { stop(std::chrono::milliseconds(0)); }

void Front::Loop::start() {
    thread_ = std::jthread([this] { run(); });
}

FrontStats Front::Loop::stats() const {
    return {.connections = connections_,
            .busy = busy_,
            .threads = api_.threads() + hashing_.threads() + uploads_.threads() + bulk_.threads(),
            .accepted = accepted_,
            .requests = requests_,
            .rejected = rejected_,
            .timeouts = timeouts_,
            .evicted = evicted_};
}

void Front::Loop::stop(std::chrono::milliseconds grace) {
    if (!thread_.joinable()) return;
    stopping_ = true;
    wake();
    std::unique_lock lock(mutex_);
    if (ended_changed_.wait_for(lock, grace, [this] { return ended_; })) return;
    give_up_ = true;
    wake();
    ended_changed_.wait(lock, [this] { return ended_; });
}

void Front::Loop::wake() const {
    const std::uint64_t one = 1;
    // A full counter wakes as well.
    [[maybe_unused]] const ssize_t n = ::write(wake_.get(), &one, sizeof one);
}

void Front::Loop::run() {
    std::array<epoll_event, kEvents> events{};
    while (!closed_down_ || connections_ > 0) {
        const int n = ::epoll_wait(epoll_.get(), events.data(), kEvents, fallAsleep());
        takeBack();  // first, because an event may belong to one of them
        for (int i = 0; i < n; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            void* who = event.data.ptr;
            if (who == &wake_)
                clear(wake_);
            else if (who == &listener_)
                acceptAll();
            else
                onEvent(*static_cast<Connection*>(who), event.events);
        }
        expire();
        if (stopping_) closeDown();
        dead_.clear();
        api_.wake();
        hashing_.wake();
        uploads_.wake();
        bulk_.wake();
    }
    const std::lock_guard lock(mutex_);
    ended_ = true;
    ended_changed_.notify_all();
}

void Front::Loop::acceptAll() {
    while (listener_ && acceptOne()) {
    }
}

// Returns false if no connection is waiting.
bool Front::Loop::acceptOne() {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    auto* address = reinterpret_cast<sockaddr*>(&storage);
    FileDescriptor fd(::accept4(listener_.get(), address, &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd) {
        if (errno == EAGAIN) return false;
        if (errno != EMFILE && errno != ENFILE) return errno == EINTR || errno == ECONNABORTED;
        return makeRoom() || turnAway();
    }
    if (connections_ >= max_connections_ && !makeRoom()) {
        ++evicted_;
        ::send(fd.get(), kBusyReply.data(), kBusyReply.size(), MSG_NOSIGNAL);
        return true;
    }
    ++accepted_;
    ++connections_;
    std::list<Connection>& idle = in(ConnectionState::idle);
    idle.emplace_back(std::move(fd), Poco::Net::SocketAddress(address, length), config_);
    idle.back().place = std::prev(idle.end());
    watch(epoll_, idle.back().fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, &idle.back());
    return true;
}

// Closes the connection that has been idle, or sending its head, for longest, or an answered one.
bool Front::Loop::makeRoom() {
    if (std::list<Connection>& answered = in(ConnectionState::linger); !answered.empty()) {
        ++evicted_;
        drop(answered.front());
        return true;
    }
    std::list<Connection>& idle = in(ConnectionState::idle);
    std::list<Connection>& heads = in(ConnectionState::head);
    if (idle.empty() && (heads.empty() || Clock::now() - heads.front().since < kYoung))
        return false;
    ++evicted_;
    drop(idle.empty() ? heads.front() : idle.front());
    return true;
}

// Accepts one client and closes it; otherwise the listener would stay readable and the loop would
// spin. Returns false if even that failed, or if no client is waiting.
bool Front::Loop::turnAway() {
    spare_ = FileDescriptor();
    const FileDescriptor client(
        ::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (client) {
        ++evicted_;
        ::send(client.get(), kBusyReply.data(), kBusyReply.size(), MSG_NOSIGNAL);
    }
    spare_ = FileDescriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    return static_cast<bool>(client);
}

void Front::Loop::onEvent(Connection& c, std::uint32_t events) {
    if (c.state == ConnectionState::busy) return miss(c);
    // An end of the connection that arrives together with a request causes no later event.
    c.missed = c.missed || (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    drive(c);
}

// A handler owns it: its socket is checked when it returns.
void Front::Loop::miss(Connection& c) {
    const std::lock_guard lock(mutex_);
    c.missed = true;
    urgent_ = urgent_ || c.returned;
}

// Whether nothing is left to do before the next request.
bool Front::Loop::answered(const Connection& c) const {
    return !c.served && !c.detached && !c.close_after && !stopping_ && c.in.empty() &&
           c.out.empty();
}

// A connection that waits for its next request needs no wake-up, because that request causes one.
void Front::Loop::giveBack(Connection& c) {
    bool wakes = false;
    {
        const std::lock_guard lock(mutex_);
        --busy_;
        c.returned = true;
        returned_.push_back(&c);
        c.missed = c.missed || std::exchange(c.look_again, false);
        if (c.missed || !answered(c)) {
            urgent_ = true;
            wakes = std::exchange(asleep_, false);
        }
    }
    if (wakes) wake();
}

int Front::Loop::fallAsleep() {
    const int pause = pauseMs();
    const std::lock_guard lock(mutex_);
    asleep_ = !urgent_;
    return urgent_ ? 0 : pause;
}

void Front::Loop::takeBack() {
    taken_.clear();
    {
        const std::lock_guard lock(mutex_);
        taken_.swap(returned_);
        for (Connection* c : taken_) c->returned = false;
        asleep_ = urgent_ = false;
    }
    for (Connection* c : taken_) takeOneBack(*c);
    // Closes the connection whose answer has waited longest, to make room for others.
    std::list<Connection>& flushing = in(ConnectionState::flush);
    while (buffered_bytes_ > config_.max_buffered_bytes && !flushing.empty()) {
        ++evicted_;
        drop(flushing.front());
    }
}

void Front::Loop::takeOneBack(Connection& c) {
    if (c.detached) return drop(c);
    if (c.served) {  // it waits for the rest of the body
        c.missed = false;
        enter(c, ConnectionState::upload);
        countBuffers(c);
        return drive(c);
    }
    c.window_bytes = 0;
    if (!std::exchange(c.missed, false) && answered(c)) {
        freeBuffers(c);
        return rest(c);
    }
    enter(c, ConnectionState::flush);
    countBuffers(c);
    drive(c);
}

// Called in each turn while the front stops. Closes the listener and idle connections, ends
// uploads, and after the grace drops all connections except those whose handler still runs.
void Front::Loop::closeDown() {
    closed_down_ = true;
    listener_ = FileDescriptor();
    endUploads(in(ConnectionState::upload));
    endUploads(in(ConnectionState::gather));
    for (std::list<Connection>& list : lists_) {
        while (!list.empty() && (list.front().state == ConnectionState::idle ||
                                 (give_up_ && list.front().state != ConnectionState::busy)))
            drop(list.front());
    }
}

// Their handlers keep the bytes that arrived, and clients resume at the next server.
void Front::Loop::endUploads(std::list<Connection>& uploads) {
    while (!uploads.empty()) {
        Connection& c = uploads.front();
        breakOff(c,
                 {.status = 503,
                  .code = "STOPPING",
                  .detail = "the server is stopping; send the request again, or resume the upload, "
                            "in a few seconds",
                  .fields = {{"Retry-After", "5"}}});
        drive(c);
    }
}

Front::Front(FrontConfig config, const RoutePolicy& policy, Log& log)
    : loop_(std::make_unique<Loop>(std::move(config), policy, log)) {}
Front::~Front() = default;
void Front::start() { loop_->start(); }
std::uint16_t Front::port() const { return loop_->port(); }
FrontStats Front::stats() const { return loop_->stats(); }
void Front::stop(std::chrono::milliseconds grace) { loop_->stop(grace); }

}  // namespace sheafline::http
