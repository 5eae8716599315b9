// How long a connection may stay in each state, and what happens after that.
#include <algorithm>
#include <sys/socket.h>

#include "http/front/front_loop.h"

namespace sheafline::http {

namespace {

constexpr std::chrono::milliseconds kLongestPause{60'000};
// While handlers run: connections that return without a wake-up are taken back after this time.
constexpr std::chrono::milliseconds kBusyGlance{1'000};
constexpr std::chrono::milliseconds kStopLinger{1'000};  // of a stopping front

}  // namespace

std::chrono::milliseconds Front::Loop::timeoutOf(ConnectionState state) const {
    switch (state) {
        case ConnectionState::idle:
            return config_.idle_timeout;
        case ConnectionState::head:
            return config_.head_timeout;
        case ConnectionState::body:
            return config_.body_timeout;
        case ConnectionState::upload:
        case ConnectionState::flush:
            return config_.floor_window;
        case ConnectionState::gather:
            return std::min(config_.piece_time, config_.floor_window);
        case ConnectionState::linger:
            return stopping_ ? std::min(config_.linger_timeout, kStopLinger)
                             : config_.linger_timeout;
        case ConnectionState::busy:
            break;
    }
    return std::chrono::hours(24 * 365);
}

// Each state has one constant timeout, so the first of each list expires next.
int Front::Loop::pauseMs() {
    auto next = Clock::now() + (in(ConnectionState::busy).empty() ? kLongestPause : kBusyGlance);
    for (const std::list<Connection>& list : lists_) {
        if (!list.empty())
            next = std::min(next, list.front().since + timeoutOf(list.front().state));
    }
    const auto pause = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now());
    return static_cast<int>(std::max<std::int64_t>(pause.count(), 0));
}

void Front::Loop::expire() {
    const auto now = Clock::now();
    for (std::list<Connection>& list : lists_) {
        while (!list.empty() && list.front().since + timeoutOf(list.front().state) <= now)
            expireOne(list.front());
    }
}

void Front::Loop::expireOne(Connection& c) {
    if (c.state == ConnectionState::upload || c.state == ConnectionState::gather)
        return expireUpload(c);
    const auto seconds = std::chrono::duration<double>(config_.floor_window).count();
    const auto floor = static_cast<double>(config_.floor_bytes_per_s) * seconds;
    if (c.state == ConnectionState::flush && static_cast<double>(c.window_bytes) >= floor) {
        c.window_bytes = 0;
        return enter(c, c.state);
    }
    if (c.state == ConnectionState::idle || c.state == ConnectionState::linger) return drop(c);
    ++timeouts_;
    if (c.state == ConnectionState::flush) {
        // With a reset; otherwise the kernel keeps the unread answer for minutes.
        const linger reset{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(c.fd.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        return drop(c);
    }
    reject(c, {.status = 408,
               .code = "TOO_SLOW",
               .detail = "the request took too long to arrive; send it again on a new connection"});
    drive(c);
}

// A piece has waited long enough, or nothing has arrived for a whole window.
void Front::Loop::expireUpload(Connection& c) {
    judgePace(c);
    if (c.broken || c.state == ConnectionState::gather) return handOver(c);
    enter(c, ConnectionState::upload);
}

// Sets `broken` if the client sent less than the floor in a whole window of waiting. The time of
// handlers in between does not count.
void Front::Loop::judgePace(Connection& c) {
    const auto now = Clock::now();
    c.waited += now - c.since;
    c.since = now;
    if (c.waited < config_.floor_window) return;
    const auto seconds = std::chrono::duration<double>(config_.floor_window).count();
    const auto floor = static_cast<double>(config_.floor_bytes_per_s) * seconds;
    if (static_cast<double>(c.window_bytes) < floor && !c.broken) {
        ++timeouts_;
        c.broken = HttpError(408, "TOO_SLOW",
                             "the body arrived too slowly; send it again, or resume the upload at "
                             "the offset that HEAD gives")
                       .problem();
    }
    c.waited = {};
    c.window_bytes = 0;
}

}  // namespace sheafline::http
