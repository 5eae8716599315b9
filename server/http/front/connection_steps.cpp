// The steps of the loop for one connection, until it must wait.
#include <array>
#include <cerrno>
#include <string_view>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "http/front/early_reply.h"
#include "http/front/front_loop.h"
#include "http/message/exchange.h"

namespace sheafline::http {

namespace {

constexpr std::size_t kHeadPiece = 16UL * 1024;
constexpr std::size_t kBodyPiece = 64UL * 1024;
constexpr std::size_t kKeptCapacity = 1024;  // capacity that a buffer keeps while its connection is
                                             // idle
constexpr std::uint64_t kRetryMs = 3'000;    // up to twice this value, so that not all clients
                                             // return at once
constexpr std::uint32_t kWatched = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
constexpr std::size_t kDropTurn = 1U << 20U;  // bytes of one connection dropped in one turn

void release(std::string& buffer) {
    buffer.clear();
    if (buffer.capacity() > kKeptCapacity) buffer.shrink_to_fit();
}

}  // namespace

void Front::Loop::drive(Connection& c) {
    // While it is busy, a handler's thread owns everything except the state.
    if (c.state == ConnectionState::busy || !c.fd) return;
    for (;;) {
        try {
            while (step(c)) {
            }
            return;
        } catch (const HttpError& error) {
            breakOff(c, error.problem());
        }
    }
}

// Answers a request that cannot be read to its end, through its handler if it has one.
void Front::Loop::breakOff(Connection& c, const Problem& problem) {
    if (!c.served) return reject(c, problem);
    c.in.clear();
    c.broken = problem;
    handOver(c);
}

// Returns false if the connection waits, has a handler, or is closed.
bool Front::Loop::step(Connection& c) {
    switch (c.state) {
        case ConnectionState::idle:
        case ConnectionState::head:
            return headStep(c);
        case ConnectionState::body:
        case ConnectionState::upload:
        case ConnectionState::gather:
            return bodyStep(c);
        case ConnectionState::flush:
            return flushStep(c);
        case ConnectionState::linger:
            return lingerStep(c);
        case ConnectionState::busy:
            break;
    }
    return false;
}

bool Front::Loop::headStep(Connection& c) {
    if (!c.in.empty() && c.state == ConnectionState::idle) enter(c, ConnectionState::head);
    const std::optional<std::size_t> length = c.scanner.scan(c.in);
    if (!length) return receiveMore(c);
    c.head = parseHead(std::string_view(c.in).substr(0, *length));
    c.in.erase(0, *length);
    begin(c);
    return c.state != ConnectionState::busy;
}

void Front::Loop::begin(Connection& c) {
    ++requests_;
    c.started = Clock::now();
    const std::string* sent = c.head.find("X-Request-Id");
    c.request_id =
        sent != nullptr && isRequestId(*sent) ? *sent : id_prefix_ + std::to_string(++next_id_);
    c.origin = proxies_.originOf(c.peer_host, c.head);
    c.plan = policy_.plan(c.head, c.origin);
    if (stopping_)
        throw HttpError({.status = 503,
                         .code = "STOPPING",
                         .detail = "the server is stopping; try again later",
                         .fields = {{"Retry-After", "5"}}});
    if (c.plan.early) {
        c.close_after = !c.head.keep_alive || c.head.hasBody();
        ++rejected_;
        return reply(c, *c.plan.early);
    }
    c.decoder = BodyDecoder(c.head, c.plan.options.body_limit);
    if (c.decoder.done()) return handOver(c);
    const bool whole = c.plan.options.body == BodyMode::whole;
    // No 100 if the body is already arriving (RFC 9110, 10.1.1). The answer is too short to be
    // split.
    const bool waits = c.head.expects_continue && c.in.empty();
    c.continue_owed = waits && !whole;
    if (c.continue_owed) return handOver(c);  // its handler may reject it before the body is sent
    c.window_bytes = 0;
    c.waited = {};
    enter(c, whole ? ConnectionState::body : ConnectionState::upload);
    if (waits) ::send(c.fd.get(), kContinue.data(), kContinue.size(), MSG_NOSIGNAL);
}

bool Front::Loop::bodyStep(Connection& c) {
    const bool whole = c.state == ConnectionState::body;
    const std::size_t most = whole ? c.plan.options.body_limit : config_.piece_bytes;
    c.in.erase(0, c.decoder.decode(c.in, c.body, most - c.body.size()));
    countBuffers(c);
    if (buffered_bytes_ > config_.max_buffered_bytes)
        throw HttpError({.status = 503,
                         .code = "OVERLOADED",
                         .detail = "the server is reading too many bodies; try again later",
                         .fields = {{"Retry-After", "5"}}});
    if (!c.decoder.done() && !c.broken && (whole || c.body.size() < most)) {
        if (!whole && c.state == ConnectionState::upload && !c.body.empty()) {
            judgePace(c);
            enter(c, ConnectionState::gather);
        }
        return receiveMore(c);
    }
    if (!whole) judgePace(c);
    handOver(c);
    return c.state != ConnectionState::busy;
}

// Returns true if new bytes arrived.
bool Front::Loop::receiveMore(Connection& c) {
    switch (receive(c)) {
        case Received::bytes:
            return true;
        case Received::nothing:
            return false;
        case Received::end:
            break;
    }
    if (c.state == ConnectionState::idle) {
        drop(c);
        return false;
    }
    if (c.state != ConnectionState::upload && c.state != ConnectionState::gather)
        throw HttpError(400, "TRUNCATED", "the connection ended within the request; send it again");
    // Its handler keeps the bytes that arrived, so a client with a bad network advances in steps.
    c.broken = HttpError(400, "BODY_TRUNCATED",
                         "the connection ended within the body; send the request again")
                   .problem();
    return true;
}

Front::Loop::Received Front::Loop::receive(Connection& c) {
    const bool in_body = c.state != ConnectionState::idle && c.state != ConnectionState::head;
    std::array<char, kBodyPiece> piece;
    const std::size_t size = in_body ? kBodyPiece : kHeadPiece;
    const ssize_t n = ::recv(c.fd.get(), piece.data(), size, 0);
    if (n < 0) return wouldBlock() ? Received::nothing : Received::end;
    if (n == 0) return Received::end;
    c.window_bytes += static_cast<std::uint64_t>(n);
    c.in.append(piece.data(), static_cast<std::size_t>(n));
    if (static_cast<std::size_t>(n) == size) c.missed = true;  // there may be more
    return Received::bytes;
}

HandlerThreads& Front::Loop::threadsOf(Pool pool) {
    switch (pool) {
        case Pool::api:
            return api_;
        case Pool::hashing:
            return hashing_;
        case Pool::upload:
            return uploads_;
        case Pool::bulk:
            break;
    }
    return bulk_;
}

void Front::Loop::handOver(Connection& c) {
    enter(c, ConnectionState::busy);
    ++busy_;
    if (threadsOf(c.plan.options.pool).start([this, &c] { serve(c); })) return;
    --busy_;
    reject(c, {.status = 503,
               .code = "OVERLOADED",
               .detail = "too many requests are waiting; try again later",
               .fields = {{"Retry-After", "1"}}});
}

void Front::Loop::serve(Connection& c) {
    try {
        if (!c.served) c.served = std::make_unique<ServedRequest>(c, serve_settings_);
        if (c.served->run()) c.served.reset();
    } catch (const std::exception&) {  // no memory: the connection is closed without an answer
        c.close_after = true;
    }
    giveBack(c);
}

// Answers and closes: after an error it is unknown where the next request would begin.
void Front::Loop::reject(Connection& c, const Problem& problem) {
    c.close_after = true;
    c.in.clear();
    c.served.reset();
    ++rejected_;
    reply(c, problem);
}

void Front::Loop::reply(Connection& c, const Problem& problem) {
    if (c.request_id.empty()) c.request_id = id_prefix_ + std::to_string(++next_id_);
    const bool come_again = problem.status == 503 && c.plan.options.event_stream;
    c.out += come_again
                 ? streamLater(c.head, config_.reply_fields, c.request_id,
                               kRetryMs + next_id_ % kRetryMs)
                 : earlyReply(problem, c.head, c.close_after, config_.reply_fields, c.request_id);
    c.window_bytes = 0;
    if (config_.on_served)
        config_.on_served({.method = c.head.method,
                           .path = c.head.path,
                           .client = c.origin.client.empty() ? c.peer_host : c.origin.client,
                           .request_id = c.request_id,
                           .status = come_again ? 200 : problem.status,
                           .reply_bytes = c.out.size()});
    enter(c, ConnectionState::flush);
}

bool Front::Loop::flushStep(Connection& c) {
    while (c.sent < c.out.size()) {
        const ssize_t n =
            ::send(c.fd.get(), c.out.data() + c.sent, c.out.size() - c.sent, MSG_NOSIGNAL);
        if (n < 0 && wouldBlock()) return false;
        if (n < 0) {
            drop(c);
            return false;
        }
        c.sent += static_cast<std::size_t>(n);
        c.window_bytes += static_cast<std::uint64_t>(n);
    }
    freeBuffers(c);
    if (c.close_after || stopping_) {
        ::shutdown(c.fd.get(), SHUT_WR);
        c.linger_until = Clock::now() + config_.linger_limit;
        enter(c, ConnectionState::linger);
        return true;
    }
    rest(c);
    return true;
}

void Front::Loop::freeBuffers(Connection& c) {
    c.sent = 0;
    release(c.out);
    release(c.body);
    c.body_read = 0;
    countBuffers(c);
}

// Its request is answered; the next one may have arrived already.
void Front::Loop::rest(Connection& c) {
    c.decoder = {};
    if (c.in.empty()) release(c.in);
    c.scanner = HeadScanner(config_.head_bytes, config_.max_fields);
    c.head = {};
    c.plan = {};
    c.broken.reset();
    c.request_id.clear();
    enter(c, ConnectionState::idle);
}

// A client may send its whole body before it reads the answer. If we closed earlier, the client's
// system would discard the answer.
bool Front::Loop::lingerStep(Connection& c) {
    std::size_t dropped = 0;
    while (dropped < kDropTurn) {
        // TCP drops the bytes itself: nothing is copied.
        const ssize_t n = ::recv(c.fd.get(), nullptr, kDropTurn, MSG_TRUNC);
        if (n < 0 && wouldBlock()) break;
        if (n <= 0 || Clock::now() > c.linger_until) {
            drop(c);
            return false;
        }
        dropped += static_cast<std::size_t>(n);
    }
    if (dropped > 0 && !stopping_) enter(c, ConnectionState::linger);
    if (dropped >= kDropTurn) {  // other connections are served first: the event is reported again
        epoll_event event{.events = kWatched, .data = {.ptr = &c}};
        ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, c.fd.get(), &event);
    }
    return false;
}

void Front::Loop::enter(Connection& c, ConnectionState state) {
    in(state).splice(in(state).end(), in(c.state), c.place);
    c.state = state;
    c.since = Clock::now();
}

void Front::Loop::countBuffers(Connection& c) {
    const std::size_t now = c.body.size() + c.out.size();
    buffered_bytes_ += now - c.counted;  // wraps around correctly if it shrinks
    c.counted = now;
}

void Front::Loop::drop(Connection& c) {
    // A process that is being started has a copy of the socket until its exec, so closing alone
    // would leave it in the epoll set with a pointer that is soon invalid.
    if (c.fd) ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, c.fd.get(), nullptr);
    c.fd = FileDescriptor();
    buffered_bytes_ -= c.counted;
    --connections_;
    dead_.splice(dead_.end(), in(c.state), c.place);
}

}  // namespace sheafline::http
