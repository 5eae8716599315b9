// One request for its handler's thread: a source of body bytes and a sink for the reply.
// Independent of Poco; FrontSocket connects it to Poco's session. The socket never blocks: all
// waiting happens here, and only while the client reaches the floor.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "http/front/connection.h"
#include "http/message/problem.h"

namespace sheafline::http {

// After a failed call of a socket: whether the same call may succeed later.
bool wouldBlock();

// Settings that all exchanges of a front share.
struct ExchangeSettings {
    const FrontConfig& config;
    int epoll_fd;
    std::atomic<std::size_t>& buffered_bytes;
    const std::atomic<bool>& stopping;  // no more bytes of uploads are accepted
    const std::atomic<bool>& give_up;   // the grace of a stop is over: no thread waits any longer
};

class Exchange {
 public:
    Exchange(Connection& connection, const ExchangeSettings& settings)
        : connection_(connection), settings_(settings) {}

    // Returns 0 at the end of the body. Throws HttpError: 400 truncated or malformed, 408 too slow,
    // 413.
    int readBody(char* buffer, int size);
    // Whether bytes of the body are missing: then it is unknown where the next request begins.
    bool bodyLeft() const { return !connection_.decoder.done(); }

    // For a BodyReceiver: the bytes that have arrived, without waiting for more.
    enum class Arrived {
        piece,   // piece() has bytes, until pieceTaken()
        end,     // of the body
        broken,  // the body ended early: brokenBy() says why
        none,    // nothing now
    };
    Arrived arrived();
    const Problem& brokenBy() const { return *connection_.broken; }
    std::span<const char> piece() const;
    void pieceTaken() { connection_.body_read = connection_.body.size(); }
    // More bytes may be available that no event reports.
    void lookAgain() { connection_.look_again = true; }

    // Throws HttpError if the client is gone or too slow; later bytes are then dropped.
    void put(const char* bytes, int size);
    void abort() { aborted_ = true; }
    bool aborted() const { return aborted_; }
    // The error of reading or writing, even if the handler caught it.
    const std::optional<Problem>& failure() const { return failure_; }

    // Any thread may call it while the handler lives: the body ends as if the client had left.
    void stopReading() const;

    bool clientLeft() const;
    FileDescriptor detach();
    void finish();  // sends what it can without waiting

    std::uint64_t replyBytes() const { return reply_bytes_; }
    std::uint64_t replyBodyBytes() const { return reply_bytes_ - head_bytes_; }

 private:
    void receiveBody();
    void sendContinue();
    bool receiveIn();
    void push(std::size_t may_keep);
    std::size_t unsent() const { return connection_.out.size() - connection_.sent; }
    [[noreturn]] void fail(int status, const char* code, const char* detail);
    template <typename Step>
    void moveWithFloor(short events, Step step);

    Connection& connection_;
    const ExchangeSettings& settings_;
    std::uint64_t reply_bytes_ = 0;
    std::uint64_t head_bytes_ = 0;
    Clock::duration waited_{};        // time spent waiting for the client, in this window
    std::uint64_t window_bytes_ = 0;  // bytes that moved in that time
    bool aborted_ = false;
    std::optional<Problem> failure_{};
};

}  // namespace sheafline::http
