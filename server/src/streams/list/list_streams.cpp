#include "streams/list/list_streams.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <exception>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sheafline {

namespace {

constexpr std::string_view kComment = ":\n\n";

std::string retryLine(std::uint64_t ms) { return "retry: " + std::to_string(ms) + "\n\n"; }

// The same event for both forms of a stream.
struct BothForms {
    explicit BothForms(std::string_view event)
        : forms{std::make_shared<const std::string>(listChunk(event, false)),
                std::make_shared<const std::string>(listChunk(event, true))} {}

    const SharedBytes& of(const ListClient& client) const {
        return forms[client.chunked() ? 1 : 0];
    }

    std::array<SharedBytes, 2> forms;
};

}  // namespace

ListStreams::ListStreams(Parts parts, ListStreamLimits limits)
    : parts_(std::move(parts)),
      limits_(limits),
      next_beat_(Clock::now() + limits.heartbeat),
      thread_([this] { run(); }) {}

ListStreams::~ListStreams() {
    ending_ = true;
    parts_.changes.wake();
    thread_.join();
    for (const auto& [client, viewer] : arrivals_) ::close(client.socket);
}

void ListStreams::adopt(StreamClient client, ListViewer viewer) {
    {
        const std::lock_guard lock(mutex_);
        arrivals_.emplace_back(std::move(client), std::move(viewer));
    }
    parts_.changes.wake();
}

void ListStreams::revoke(Revoked revoked) {
    if (count_ == 0) return;
    {
        const std::lock_guard lock(mutex_);
        revocations_.push_back(std::move(revoked));
    }
    parts_.changes.wake();
}

void ListStreams::drain() {
    draining_ = true;
    parts_.changes.wake();
    std::unique_lock lock(mutex_);
    gone_.wait(lock, [this] { return count_ == 0 && arrivals_.empty(); });
}

void ListStreams::run() {
    while (!ending_) {
        waitForWork(pauseMs(Clock::now()));
        takeInbox();
        const auto now = Clock::now();
        if (pending_ && now >= next_delivery_) deliver();
        if (now >= next_beat_) beat();
        if (draining_) closeAll();
        removeGone();
    }
}

int ListStreams::pauseMs(Clock::time_point now) const {
    const auto next = pending_ ? std::min(next_delivery_, next_beat_) : next_beat_;
    const auto pause = std::chrono::ceil<std::chrono::milliseconds>(next - now);
    return static_cast<int>(std::max<std::int64_t>(pause.count(), 0));
}

void ListStreams::waitForWork(int pause_ms) {
    std::vector<pollfd> sockets;
    sockets.reserve(clients_.size() + 1);
    sockets.push_back({.fd = parts_.changes.descriptor(), .events = POLLIN, .revents = 0});
    for (const ListClient& client : clients_) {
        const short events = client.blocked() ? POLLIN | POLLOUT : POLLIN;
        sockets.push_back({.fd = client.descriptor(), .events = events, .revents = 0});
    }
    if (::poll(sockets.data(), sockets.size(), pause_ms) <= 0) return;
    if (sockets.front().revents != 0) {
        std::uint64_t wakes = 0;
        [[maybe_unused]] const ssize_t n =
            ::read(parts_.changes.descriptor(), &wakes, sizeof wakes);
        pending_ = true;
    }
    std::size_t place = 1;
    for (ListClient& client : clients_) client.onEvents(sockets[place++].revents);
}

void ListStreams::takeInbox() {
    std::vector<std::pair<StreamClient, ListViewer>> arrivals;
    std::vector<Revoked> revocations;
    {
        const std::lock_guard lock(mutex_);
        arrivals.swap(arrivals_);
        revocations.swap(revocations_);
        if (!draining_) count_ += arrivals.size();
    }
    for (auto& [client, viewer] : arrivals) {
        if (draining_ || clients_.size() >= limits_.max_clients) {
            turnAway(client);
            if (!draining_) --count_;
            continue;
        }
        clients_.emplace_back(FileDescriptor(client.socket), client.chunked,
                              std::move(client.principal), std::move(viewer));
        clients_.back().send(std::make_shared<const std::string>(
            listChunk(retryLine(limits_.retry_ms) + listEvent("ready"), client.chunked)));
    }
    for (const Revoked& revoked : revocations) {
        for (ListClient& client : clients_) {
            if (!client.gone() && revoked(client.principal()))
                client.endWith(listEvent("auth_expired"));
        }
    }
}

void ListStreams::deliver() {
    pending_ = false;
    next_delivery_ = Clock::now() + limits_.pause;
    const ListChanges::News news = parts_.changes.take();
    if (news.empty() || clients_.empty()) return;
    try {
        const auto history = parts_.readers.take();
        const ListNews list(news, parts_.owner_id, *history);
        std::map<std::string, BothForms> of_users;  // "" is an admin, who sees everything
        for (ListClient& client : clients_) {
            const ListViewer& viewer = client.viewer();
            const std::string key = viewer.sees_all ? "" : viewer.user;
            auto made = of_users.find(key);
            if (made == of_users.end())
                made = of_users.emplace(key, BothForms(list.eventFor(viewer))).first;
            if (!made->second.forms[0]->empty()) client.send(made->second.of(client));
        }
    } catch (const std::exception& error) {
        parts_.log.warning(std::string("the list of batches cannot be read for its streams: ") +
                           error.what());
        parts_.changes.noteMany();  // the clients fetch it again later
    }
}

void ListStreams::beat() {
    next_beat_ = Clock::now() + limits_.heartbeat;
    const BothForms comment(kComment);
    for (ListClient& client : clients_) client.beat(comment.of(client));
}

void ListStreams::closeAll() {
    for (ListClient& client : clients_)
        client.endWith(listEvent("shutdown") + retryLine(limits_.retry_ms));
}

// With 200 and a `retry:`, because a native EventSource never reconnects after another status.
void ListStreams::turnAway(const StreamClient& client) const {
    std::string bytes = listChunk(retryLine(limits_.retry_ms), client.chunked);
    if (client.chunked) bytes += "0\r\n\r\n";
    ::send(client.socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    ::close(client.socket);
}

void ListStreams::removeGone() {
    count_ -= clients_.remove_if([](const ListClient& client) { return client.gone(); });
    if (!draining_) return;
    const std::lock_guard lock(mutex_);
    gone_.notify_all();
}

}  // namespace sheafline
