// Limits and times of the HTTP front, with the defaults that docs/http.md lists. Fixed while a
// front runs.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "http/message/problem.h"

namespace sheafline::http {

// What was answered, for access logs and counters.
struct Served {
    std::string method{};  // empty where the request could not be read
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
    std::size_t head_bytes = 16UL * 1024;  // 431 over it, 414 where it is still the request line
    std::size_t max_fields = 100;

    std::chrono::milliseconds idle_timeout{60'000};  // between requests: closed
    std::chrono::milliseconds head_timeout{10'000};  // first to last byte of the head: 408
    std::chrono::milliseconds body_timeout{10'000};  // a body that is read whole: 408
    // After the last answer the rest of a body is read and dropped: so long without a byte, and so
    // long at most. A client that sends on without reading still finds its answer then.
    std::chrono::milliseconds linger_timeout{5'000};
    std::chrono::milliseconds linger_limit{600'000};
    // Uploads and replies need not be quick but must move: at least so much in each window.
    std::chrono::milliseconds floor_window{30'000};
    std::uint64_t floor_bytes_per_s = 1'000;

    // An upload gets a thread for each piece: so many bytes, or what arrived in this time.
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
    // Requests that wait for a thread; then 503. As many as connections: a 503 would end a
    // browser's event stream for good when thousands reconnect at once.
    std::size_t queue_length = 12'000;

    std::vector<std::string> trusted_proxies{};      // "127.0.0.1", "10.0.0.0/8", "::1"
    Fields reply_fields{};                           // put into every answer
    std::function<void(const Served&)> on_served{};  // any thread; quick
};

}  // namespace sheafline::http
