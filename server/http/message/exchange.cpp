#include "http/message/exchange.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <utility>

namespace sheafline::http {

namespace {

constexpr std::size_t kPiece = 64UL * 1024;
constexpr std::size_t kEverything = ~std::size_t{0};
constexpr std::chrono::milliseconds kGlance{200};  // how often a wait checks whether to give up

}  // namespace

bool wouldBlock() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

FileDescriptor Call::detach() const { return exchange->detach(); }

bool Call::clientLeft() const { return exchange != nullptr && exchange->clientLeft(); }

bool Exchange::clientLeft() const {
    pollfd socket{.fd = connection_.fd.get(), .events = POLLRDHUP, .revents = 0};
    return ::poll(&socket, 1, 0) > 0;
}

void Exchange::fail(int status, const char* code, const char* detail) {
    const HttpError error(status, code, detail);
    if (!failure_) failure_ = error.problem();
    connection_.close_after = true;
    throw error;
}

// Runs `step`, which returns the number of bytes that it moved, until it moved some; waits for the
// socket between two tries. Throws 408 if the client moved less than the floor in a whole window of
// waiting; the time of the handler in between does not count.
template <typename Step>
void Exchange::moveWithFloor(short events, Step step) {
    const auto window = settings_.config.floor_window;
    const std::uint64_t floor =
        settings_.config.floor_bytes_per_s * static_cast<std::uint64_t>(window.count()) / 1'000;
    for (;;) {
        const std::uint64_t moved = step();
        window_bytes_ += moved;
        if (waited_ >= window) {
            if (window_bytes_ < floor) fail(408, "TOO_SLOW", "the client is too slow");
            waited_ = {};
            window_bytes_ = 0;
        }
        if (moved > 0) return;
        if (settings_.give_up) fail(503, "STOPPING", "the server is stopping");
        pollfd waiting{.fd = connection_.fd.get(), .events = events, .revents = 0};
        const auto begin = Clock::now();
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(window - waited_);
        ::poll(&waiting, 1, static_cast<int>(std::min(left, kGlance).count()));
        waited_ += Clock::now() - begin;
    }
}

int Exchange::readBody(char* buffer, int size) {
    Connection& c = connection_;
    if (c.body_read == c.body.size()) {
        c.body.clear();
        c.body_read = 0;
        if (!c.decoder.done()) receiveBody();
    }
    const std::size_t n = std::min(c.body.size() - c.body_read, static_cast<std::size_t>(size));
    std::copy_n(c.body.data() + c.body_read, n, buffer);
    c.body_read += n;
    return static_cast<int>(n);
}

void Exchange::receiveBody() {
    Connection& c = connection_;
    if (c.broken) {
        failure_ = c.broken;
        c.close_after = true;
        throw HttpError(*c.broken);
    }
    sendContinue();
    try {
        c.in.erase(0, c.decoder.decode(c.in, c.body, kPiece));
        std::array<char, kPiece> piece;
        while (c.body.empty() && !c.decoder.done()) {
            moveWithFloor(POLLIN, [&]() -> std::uint64_t {
                const ssize_t n = ::recv(c.fd.get(), piece.data(), piece.size(), 0);
                if (n < 0 && wouldBlock()) return 0;
                if (n <= 0)
                    fail(400, "BODY_TRUNCATED",
                         "the connection ended within the body; send the request again");
                const std::string_view bytes(piece.data(), static_cast<std::size_t>(n));
                c.in = bytes.substr(c.decoder.decode(bytes, c.body, kPiece));
                return bytes.size();
            });
        }
    } catch (const HttpError& error) {
        if (!failure_) failure_ = error.problem();
        c.close_after = true;
        throw;
    }
}

void Exchange::sendContinue() {
    if (std::exchange(connection_.continue_owed, false))
        ::send(connection_.fd.get(), kContinue.data(), kContinue.size(), MSG_NOSIGNAL);
}

std::span<const char> Exchange::piece() const {
    return std::span(connection_.body).subspan(connection_.body_read);
}

Exchange::Arrived Exchange::arrived() {
    Connection& c = connection_;
    if (c.body_read == c.body.size()) {
        c.body.clear();
        c.body_read = 0;
    }
    while (c.body.empty()) {
        if (c.decoder.done()) return Arrived::end;
        if (!c.broken && settings_.stopping)
            c.broken =
                HttpError(503, "STOPPING", "the server is stopping; try again later").problem();
        if (c.broken) {
            c.close_after = true;
            return Arrived::broken;
        }
        sendContinue();
        try {
            if (c.in.empty() && !receiveIn()) return Arrived::none;
            c.in.erase(0, c.decoder.decode(c.in, c.body, kPiece));
        } catch (const HttpError& error) {
            c.in.clear();
            c.broken = error.problem();
        }
    }
    return Arrived::piece;
}

// Returns false if nothing has arrived.
bool Exchange::receiveIn() {
    Connection& c = connection_;
    std::array<char, kPiece> bytes;
    const ssize_t n = ::recv(c.fd.get(), bytes.data(), bytes.size(), 0);
    if (n < 0 && wouldBlock()) return false;
    if (n <= 0)
        throw HttpError(400, "BODY_TRUNCATED",
                        "the connection ended within the body; send the request again");
    c.window_bytes += static_cast<std::uint64_t>(n);
    c.in.assign(bytes.data(), static_cast<std::size_t>(n));
    return true;
}

void Exchange::put(const char* bytes, int size) {
    if (aborted_ || connection_.detached) return;
    reply_bytes_ += static_cast<std::uint64_t>(size);
    connection_.out.append(bytes, static_cast<std::size_t>(size));
    if (head_bytes_ == 0) {
        const std::size_t end = connection_.out.find("\r\n\r\n");
        if (end != std::string::npos) head_bytes_ = end + 4;
    }
    if (unsent() < kPiece) return;
    const bool crowded = settings_.buffered_bytes > settings_.config.max_buffered_bytes;
    const Pool pool = connection_.plan.options.pool;
    const bool may_wait = pool == Pool::bulk || pool == Pool::upload;
    if (may_wait) return push(crowded ? 0 : settings_.config.reply_backlog_bytes);
    push(kEverything);
    if (!crowded || unsent() == 0) return;
    aborted_ = true;
    fail(503, "OVERLOADED", "too many answers wait for their clients");
}

// Sends until at most `may_keep` bytes are left.
void Exchange::push(std::size_t may_keep) {
    Connection& c = connection_;
    const auto sendSome = [&]() -> std::uint64_t {
        const ssize_t n = ::send(c.fd.get(), c.out.data() + c.sent, unsent(), MSG_NOSIGNAL);
        if (n < 0 && wouldBlock()) return 0;
        if (n < 0) {
            aborted_ = true;
            fail(400, "CLIENT_GONE", "the connection ended within the answer");
        }
        c.sent += static_cast<std::size_t>(n);
        return static_cast<std::uint64_t>(n);
    };
    bool moving = unsent() > 0;
    while (moving) moving = sendSome() > 0 && unsent() > 0;
    if (unsent() > may_keep) {
        waited_ = {};
        window_bytes_ = 0;
        try {
            while (unsent() > may_keep) moveWithFloor(POLLOUT, sendSome);
        } catch (const HttpError&) {
            aborted_ = true;
            throw;
        }
    }
    c.out.erase(0, c.sent);
    c.sent = 0;
}

void Exchange::finish() {
    try {
        if (!connection_.detached) push(kEverything);
    } catch (const HttpError&) {
        connection_.out.clear();  // The client is gone: the loop closes the connection.
        connection_.sent = 0;
    }
}

void Exchange::stopReading() const { ::shutdown(connection_.fd.get(), SHUT_RD); }

FileDescriptor Exchange::detach() {
    push(0);
    // Done here and not in the loop, because the descriptor's number may be reused after this.
    ::epoll_ctl(settings_.epoll_fd, EPOLL_CTL_DEL, connection_.fd.get(), nullptr);
    connection_.detached = true;
    return std::move(connection_.fd);
}

}  // namespace sheafline::http
