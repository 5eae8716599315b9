#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <poll.h>
#include <set>
#include <stop_token>
#include <sys/eventfd.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <sheafline/backoff.h>
#include <sheafline/file_descriptor.h>
#include <sheafline/redis/subscriber.h>

#include "link.h"

namespace sheafline::redis {

namespace {

// A server that disappeared silently is noticed after twice this time.
constexpr std::chrono::milliseconds kPingEvery{2'000};

class WakeUp {
 public:
    WakeUp() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
        if (!fd_) throwSystemError(errno, "cannot make an event descriptor");
    }
    int fd() const { return fd_.get(); }
    void ring() const {
        const std::uint64_t one = 1;
        // It fails only if the counter is full, which wakes the other side as well.
        [[maybe_unused]] const ssize_t written = ::write(fd_.get(), &one, sizeof(one));
    }
    void quiet() const {
        std::uint64_t count = 0;
        [[maybe_unused]] const ssize_t taken = ::read(fd_.get(), &count, sizeof(count));
    }

 private:
    const FileDescriptor fd_;
};

}  // namespace

class Subscriber::Loop {
 public:
    Loop(ConnectionOptions options, SubscriberCalls calls)
        : options_(std::move(options)),
          calls_(std::move(calls)),
          thread_([this](const std::stop_token& stop) { run(stop); }) {}
    ~Loop() {
        thread_.request_stop();
        wake_.ring();
    }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    void change(const char* command, const std::string& channel, bool wanted) {
        {
            const std::lock_guard lock(mutex_);
            if (wanted)
                wanted_.insert(channel);
            else
                wanted_.erase(channel);
            pending_.push_back({command, channel});
        }
        wake_.ring();
    }

 private:
    void run(const std::stop_token& stop) {
        Backoff backoff;
        while (!stop.stop_requested()) {
            try {
                Link link(options_);
                open(link);
                // Only an answer proves that the connection works.
                take(link);
                backoff.reset();
                tell(nullptr);
                serve(link, stop);
                return;
            } catch (const RedisError& error) {
                tell(&error);
            }
            std::unique_lock lock(mutex_);
            retry_.wait_for(lock, stop, backoff.next(), [] { return false; });
        }
    }

    // Reports an error once when it begins, when it becomes another one, and when it ends.
    void tell(const RedisError* error) {
        const auto now = error == nullptr ? std::nullopt : std::optional(error->kind());
        // A server that stops first loses the connection and then refuses it: this is one error.
        const bool same = now.has_value() == kind_.has_value() &&
                          (!now || *now == *kind_ || (down(*now) && down(*kind_)));
        kind_ = now;
        if (!same && calls_.state) calls_.state(error);
    }

    static bool down(ErrorKind kind) {
        return kind == ErrorKind::refused || kind == ErrorKind::lost;
    }

    void open(Link& link) {
        std::string bytes;
        {
            const std::lock_guard lock(mutex_);
            pending_.clear();
            for (const std::string& channel : wanted_) encode({"SUBSCRIBE", channel}, bytes);
        }
        encode({"PING"}, bytes);
        link.setDeadline(options_.reply_timeout);
        link.send(bytes);
    }

    void serve(Link& link, const std::stop_token& stop) {
        bool pinged = false;
        while (!stop.stop_requested()) {
            if (!link.buffered()) {
                std::array<pollfd, 2> both{
                    pollfd{.fd = link.fd(), .events = POLLIN, .revents = 0},
                    pollfd{.fd = wake_.fd(), .events = POLLIN, .revents = 0}};
                const int ready =
                    ::poll(both.data(), both.size(), static_cast<int>(kPingEvery.count()));
                if (ready < 0) continue;
                if (ready == 0 && pinged)
                    throw RedisError(ErrorKind::timeout, "Redis does not answer in time");
                if (ready == 0) {
                    sendAll(link, {{"PING"}});
                    pinged = true;
                }
                if (both[1].revents != 0) sendPending(link);
                if (both[0].revents == 0) continue;
            }
            pinged = false;
            take(link);
        }
    }

    void sendPending(Link& link) {
        wake_.quiet();
        std::vector<Command> commands;
        {
            const std::lock_guard lock(mutex_);
            commands.swap(pending_);
        }
        sendAll(link, commands);
    }

    void sendAll(Link& link, const std::vector<Command>& commands) {
        std::string bytes;
        for (const Command& command : commands) encode(command, bytes);
        link.setDeadline(options_.reply_timeout);
        link.send(bytes);
    }

    // ["subscribe", channel, n], ["message", channel, payload], ["pong", ""] or +PONG
    void take(Link& link) {
        link.setDeadline(options_.reply_timeout);
        const Reply reply = link.read();
        if (reply.isError()) throw RedisError(kindOf(reply.text), answered(reply.text));
        if (reply.items.size() != 3) return;
        const std::string& kind = reply.items[0].text;
        if (kind == "subscribe" && calls_.heard) calls_.heard(reply.items[1].text);
        if (kind == "message" && calls_.message)
            calls_.message(reply.items[1].text, reply.items[2].text);
    }

    // constant after construction
    const ConnectionOptions options_;
    const SubscriberCalls calls_;
    const WakeUp wake_{};

    std::mutex mutex_;
    // guarded by mutex_
    std::set<std::string> wanted_;
    std::vector<Command> pending_;
    std::condition_variable_any retry_;

    std::optional<ErrorKind> kind_;  // used only by the thread
    std::jthread thread_;            // last: it uses all of the above
};

Subscriber::Subscriber(ConnectionOptions options, SubscriberCalls calls)
    : loop_(std::make_unique<Loop>(std::move(options), std::move(calls))) {}
Subscriber::~Subscriber() = default;

void Subscriber::subscribe(const std::string& channel) {
    loop_->change("SUBSCRIBE", channel, true);
}

void Subscriber::unsubscribe(const std::string& channel) {
    loop_->change("UNSUBSCRIBE", channel, false);
}

}  // namespace sheafline::redis
