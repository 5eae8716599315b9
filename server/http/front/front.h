// The HTTP server: one epoll thread owns every connection that is idle, slow, or still receiving,
// and passes complete requests to handler threads. Thread-safe after start().
//
//     Router router;
//     router.add("GET", "/healthz", {}, …);
//     Front front({.port = 0}, router, log);
//     … front.port() …
//     front.start();
//     front.stop(std::chrono::seconds(30));
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include <sheafline/log.h>

#include "http/front/front_config.h"
#include "http/message/router.h"

namespace sheafline::http {

struct FrontStats {
    std::size_t connections = 0;
    std::size_t busy = 0;     // owned by a handler's thread
    std::size_t threads = 0;  // that run handlers, idle ones included
    std::uint64_t accepted = 0;
    std::uint64_t requests = 0;
    std::uint64_t rejected = 0;  // answered without a handler
    std::uint64_t timeouts = 0;  // closed because they were slow
    std::uint64_t evicted = 0;   // closed to make room
};

class Front {
 public:
    // Listens; connections wait for start(). Throws Error if the address cannot be bound, and
    // ConfigError for a wrong configuration. `policy` and `log` outlive the front.
    Front(FrontConfig config, const RoutePolicy& policy, Log& log);
    ~Front();  // stops at once
    Front(const Front&) = delete;
    Front& operator=(const Front&) = delete;

    void start();  // call it once; starts the threads of the handlers

    std::uint16_t port() const;
    FrontStats stats() const;

    // Accepts no more connections, closes idle ones, answers new requests with 503, and waits for
    // running ones; after `grace` they are cut. Returns when no connection is left.
    void stop(std::chrono::milliseconds grace);

 private:
    class Loop;
    const std::unique_ptr<Loop> loop_;
};

}  // namespace sheafline::http
