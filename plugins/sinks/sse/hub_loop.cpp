#include "hub_loop.h"

#include <algorithm>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include <sheafline/error.h>

#include "event_frame.h"

namespace sheafline::sse {

namespace {

constexpr std::size_t kEvents = 512;
constexpr std::size_t kSpokes = 16;  // of the wheel: each client is on one, by its slot
constexpr std::uint8_t kMostStalled = 2;
constexpr std::uint64_t kWakeTag = ~std::uint64_t{0};
constexpr unsigned kDeadPeerMs = 30'000;

FileDescriptor opened(int fd, const char* what) {
    if (fd < 0) throwSystemError(errno, what);
    return FileDescriptor(fd);
}

bool watch(int epoll, int fd, std::uint32_t events, std::uint64_t tag) {
    epoll_event event{.events = events, .data = {.u64 = tag}};
    return ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

}  // namespace

HubLoop::HubLoop(const HubOptions& options)
    : options_(options),
      epoll_(opened(::epoll_create1(EPOLL_CLOEXEC), "cannot create an epoll descriptor")),
      wake_(opened(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "cannot create an event descriptor")),
      random_(std::random_device()()),
      replay_([this](ReplayPage&& page) {
          change([&](Inbox& inbox) { inbox.pages.push_back(std::move(page)); });
      }) {
    watch(epoll_.get(), wake_.get(), EPOLLIN, kWakeTag);
    thread_ = std::jthread([this] { run(); });
}

HubLoop::~HubLoop() {
    ending_ = true;
    wake();
    thread_.join();
    for (const HubClient& client : clients_) {
        if (client.fd >= 0) ::close(client.fd);
    }
    for (const Arrival& arrival : inbox_.arrivals) ::close(arrival.client.socket);
}

template <typename Change>
void HubLoop::change(Change&& change) {
    {
        const std::lock_guard lock(mutex_);
        change(inbox_);
    }
    wake();
}

void HubLoop::wake() const {
    const std::uint64_t one = 1;
    // A full counter wakes as well.
    [[maybe_unused]] const ssize_t n = ::write(wake_.get(), &one, sizeof one);
}

void HubLoop::adopt(StreamClient client, EventSource& source) {
    change([&](Inbox& inbox) {
        inbox.arrivals.push_back({.client = std::move(client), .source = &source});
    });
}

void HubLoop::publish(std::span<const CommittedEvent> events) {
    if (count_ == 0) {
        // There are no clients. Those in the inbox read the history later than now, so they find
        // these events there.
        return;
    }
    change([&](Inbox& inbox) {
        inbox.events.insert(inbox.events.end(), events.begin(), events.end());
    });
}

void HubLoop::revoke(Revoked revoked) {
    change([&](Inbox& inbox) { inbox.revocations.push_back(std::move(revoked)); });
}

void HubLoop::drain(std::chrono::milliseconds grace) {
    draining_ = true;
    wake();
    std::unique_lock lock(mutex_);
    const auto empty = [this] { return count_ == 0 && inbox_.arrivals.empty(); };
    if (gone_.wait_for(lock, grace, empty)) return;
    cut_all_ = true;
    wake();
    gone_.wait(lock, empty);
}

StreamStats HubLoop::stats() const {
    return {.clients = count_,
            .deliveries = deliveries_,
            .replayed = replayed_,
            .sends = sends_,
            .bytes = bytes_,
            .cut = cut_,
            .turned = turned_};
}

void HubLoop::run() {
    std::array<epoll_event, kEvents> events{};
    const auto spoke = options_.heartbeat / kSpokes;
    auto next_beat = std::chrono::steady_clock::now() + spoke;
    while (!ending_) {
        const auto pause = std::chrono::ceil<std::chrono::milliseconds>(
            next_beat - std::chrono::steady_clock::now());
        const int n = ::epoll_wait(epoll_.get(), events.data(), kEvents,
                                   static_cast<int>(std::max<std::int64_t>(pause.count(), 0)));
        for (int i = 0; i < n; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            if (event.data.u64 != kWakeTag) onSocket(event.data.u64, event.events);
        }
        takeInbox();
        flushDirty();
        for (; next_beat <= std::chrono::steady_clock::now(); next_beat += spoke) beat();
        for (const HubChannel* channel : std::exchange(empty_, {})) {
            if (channel->members == 0) channels_.erase(channel->batch_id);
        }
        if (draining_ && count_ == 0) {
            const std::lock_guard lock(mutex_);
            gone_.notify_all();
        }
    }
}

// This order matters: a page that was read before the end of the last turn still reaches the log,
// and new clients read the history after the events of this turn were committed.
void HubLoop::takeInbox() {
    std::uint64_t wakes = 0;
    [[maybe_unused]] const ssize_t n = ::read(wake_.get(), &wakes, sizeof wakes);
    Inbox inbox;
    {
        const std::lock_guard lock(mutex_);
        std::swap(inbox, inbox_);
    }
    for (ReplayPage& page : inbox.pages) onPage(std::move(page));
    for (Arrival& arrival : inbox.arrivals) arrive(std::move(arrival));
    for (const CommittedEvent& event : inbox.events) onEvent(event);
    for (const Revoked& revoked : inbox.revocations) {
        for (HubClient& client : clients_) {
            if (client.fd >= 0 && revoked(client.principal))
                endWith(client, controlEvent("auth_expired", "{}"));
        }
    }
    if (draining_ && !std::exchange(told_shutdown_, true)) {
        for (HubClient& client : clients_) {
            if (client.fd >= 0)
                endWith(client, controlEvent("shutdown", "{}") + retryLine(jitteredRetryMs()));
        }
    }
    if (cut_all_) {
        for (HubClient& client : clients_) {
            if (client.fd >= 0) cut(client);
        }
    }
}

void HubLoop::onSocket(std::uint64_t tag, std::uint32_t events) {
    HubClient& client = clients_[tag & 0xffffffffU];
    if (client.fd < 0 || client.generation != tag >> 32U) return;
    if ((events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) != 0) return drop(client);
    if ((events & EPOLLIN) != 0) {
        std::array<char, 4096> ignored;
        ssize_t n = 1;
        while (n > 0) n = ::recv(client.fd, ignored.data(), ignored.size(), 0);
        if (n == 0) return drop(client);
    }
    if ((events & EPOLLOUT) != 0) flush(client);
}

void HubLoop::arrive(Arrival&& arrival) {
    StreamClient& from = arrival.client;
    if (draining_ || count_ >= options_.max_clients) return turnAway(from);
    const unsigned dead_peer = kDeadPeerMs;
    const int send_buffer = static_cast<int>(options_.send_buffer_bytes);
    // A kernel that grows the buffer to megabytes would hide a stalled client for minutes.
    ::setsockopt(from.socket, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
    ::setsockopt(from.socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &dead_peer, sizeof dead_peer);

    if (free_.empty()) {
        free_.push_back(static_cast<std::uint32_t>(clients_.size()));
        clients_.push_back({.index = free_.back()});
    }
    const std::uint32_t place = free_.back();
    HubClient& client = clients_[place];
    const std::uint64_t tag = (std::uint64_t{client.generation} << 32U) | place;
    if (!watch(epoll_.get(), from.socket, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, tag))
        return turnAway(from);
    free_.pop_back();
    std::unique_ptr<HubChannel>& channel = channels_[from.batch_id];
    if (!channel) {
        channel = std::make_unique<HubChannel>();
        channel->batch_id = from.batch_id;
    }
    ++channel->members;
    ++count_;
    client.fd = from.socket;
    client.chunked = from.chunked;
    client.after = from.after;
    client.channel = channel.get();
    client.source = arrival.source;
    client.principal = std::move(from.principal);
    client.own = framed(retryLine(jitteredRetryMs()), client.chunked);
    client.wants_page = true;
    flush(client);
}

// With 200 and a `retry:`, because a native EventSource never reconnects after another status.
void HubLoop::turnAway(const StreamClient& client) {
    ++turned_;
    std::string bytes = framed(retryLine(jitteredRetryMs()), client.chunked);
    if (client.chunked) bytes += kLastChunk;
    ::send(client.socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    ::close(client.socket);
}

std::uint64_t HubLoop::jitteredRetryMs() {
    const auto base = static_cast<std::uint64_t>(options_.retry.count());
    return base + random_() % (base + 1);
}

// One spoke of the wheel: sends a comment to clients without unsent data, and ends clients that
// accept nothing.
void HubLoop::beat() {
    const std::size_t spoke = next_beat_++ % kSpokes;
    for (std::size_t place = spoke; place < clients_.size(); place += kSpokes) {
        HubClient& client = clients_[place];
        if (client.fd < 0) continue;
        client.stalled =
            client.moved ? std::uint8_t{0} : static_cast<std::uint8_t>(client.stalled + 1);
        client.moved = false;
        if (client.blocked) {
            if (client.stalled >= kMostStalled) cut(client);
            continue;
        }
        client.own += framed(kBeat, client.chunked);
        flush(client);
    }
}

void HubLoop::drop(HubClient& client) {
    leave(client);
    ::close(client.fd);
    if (--client.channel->members == 0) empty_.push_back(client.channel);
    --count_;
    free_.push_back(client.index);
    client = HubClient{.index = client.index, .generation = client.generation + 1};
}

void HubLoop::cut(HubClient& client) {
    ++cut_;
    drop(client);
}

// Sends a control event at the end. A client with unsent data is disconnected instead; it resumes
// from its Last-Event-ID.
void HubLoop::endWith(HubClient& client, const std::string& control) {
    if (client.closing) return;
    leave(client);
    const bool owes = client.blocked || !client.own.empty() ||
                      (client.block && (client.block->next || client.offset > 0));
    if (owes) return cut(client);
    client.block.reset();
    client.wants_page = false;
    client.closing = true;
    client.own = framed(control, client.chunked);
    if (client.chunked) client.own += kLastChunk;
    flush(client);
}

}  // namespace sheafline::sse
