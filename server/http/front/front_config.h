// Limits and timeouts of the HTTP front, with the defaults that docs/http.md lists. Constant while
// a front runs.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "http/message/problem.h"

namespace sheafline::http {

// An answered request, for access logs and counters.
struct Served {
    std::string method{};  // empty if the request could not be read
    std::string path{};    // without the query, which may hold a ticket
    std::string client{};
    std::string request_id{};
    int status = 0;
    std::uint64_t reply_bytes = 0;  // of the body and the head together
    std::chrono::microseconds duration{};
};

struct FrontConfig {
    std::string host = "127.0.0.1";  // an IPv4 or IPv6 address
    std::uint16_t port = 8000;       // 0: any free one

    std::size_t max_connections = 12'000;
    std::size_t head_bytes = 16UL * 1024;  // 431 above it, 414 for the request line
    std::size_t max_fields = 100;

    std::chrono::milliseconds idle_timeout{60'000};  // between requests: closed
    std::chrono::milliseconds head_timeout{10'000};  // first to last byte of the head: 408
    std::chrono::milliseconds body_timeout{10'000};  // a body that is read as a whole: 408
    // After the last answer, the rest of a body is read and dropped until this time passes without
    // a byte, or until the limit. So a client that continues to send without reading still gets its
    // answer.
    std::chrono::milliseconds linger_timeout{5'000};
    std::chrono::milliseconds linger_limit{600'000};
    // Uploads and replies may be slow, but must reach this rate in each window.
    std::chrono::milliseconds floor_window{30'000};
    std::uint64_t floor_bytes_per_s = 1'000;

    // An upload gets a thread for each piece: this many bytes, or the bytes that arrived in this
    // time.
    std::size_t piece_bytes = 64UL * 1024;
    std::chrono::milliseconds piece_time{1'000};
    std::size_t reply_backlog_bytes = 1U << 20U;   // of a reply, after its handler has ended
    std::size_t max_buffered_bytes = 256U << 20U;  // bodies and replies in memory; then 503

    unsigned api_threads = 8;
    unsigned hashing_threads = 2;    // each computes one password hash
    std::size_t hashing_queue = 16;  // sign-ins that wait for them; then 503
    unsigned upload_threads = 64;    // each takes the pieces of uploads that have arrived
    unsigned bulk_threads = 512;     // each serves one download, or another call that may wait
    std::chrono::milliseconds thread_idle{10'000};  // a thread without work ends after this time
    // Requests that wait for a thread; then 503. As many as connections: when thousands reconnect
    // at once, a 503 would permanently end a browser's event stream.
    std::size_t queue_length = 12'000;

    std::vector<std::string> trusted_proxies{};      // "127.0.0.1", "10.0.0.0/8", "::1"
    Fields reply_fields{};                           // added to every answer
    std::function<void(const Served&)> on_served{};  // any thread; quick
};

}  // namespace sheafline::http
