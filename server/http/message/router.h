// The table of routes: maps method and path pattern to a handler. Filled before the front starts,
// then only read. It answers requests that need no handler: 404, 405 with Allow, OPTIONS; HEAD runs
// GET.
//
//     Router router;
//     router.add("GET", "/api/batches/{id}/status", {}, [&](Call& call) {
//         return std::make_unique<StatusHandler>(batches, call.param("id"));
//     });
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/file_descriptor.h>

#include "http/message/problem.h"
#include "http/message/proxy_trust.h"
#include "http/message/request_head.h"

namespace Poco::Net {
class HTTPRequestHandler;
}

namespace sheafline::http {

using PathParams = std::vector<std::pair<std::string_view, std::string>>;

class Exchange;

// One request for a handler; it outlives the handler.
struct Call {
    const RequestHead& head;
    const PathParams& params;
    const Origin& origin;
    const std::string& request_id;
    Exchange* exchange = nullptr;  // null in tests of a handler alone

    const std::string& param(std::string_view name) const;  // throws std::out_of_range
    // Whether the client has closed its side, so that nobody reads the answer.
    bool clientLeft() const;
    // Sends what the handler has written and flushed, and removes the connection from the front:
    // the caller then owns the socket, which is non-blocking. Throws if the client is gone.
    FileDescriptor detach() const;
};

using MakeHandler = std::function<std::unique_ptr<Poco::Net::HTTPRequestHandler>(Call&)>;

enum class BodyMode {
    whole,     // in memory before the handler starts
    streamed,  // received in pieces, in the upload pool (BodyReceiver); the client must reach the
               // floor
};
enum class Pool {
    api,     // few threads that never wait for a client: answers stay in memory until they are sent
    upload,  // streamed bodies: a thread while bytes are available
    hashing,  // passwords: two threads and a short queue, then 503
    bulk,     // answers over a megabyte, and calls that wait
};

struct RouteOptions {
    std::uint64_t body_limit = 1U << 20U;  // bytes; 413 over it
    BodyMode body = BodyMode::whole;
    Pool pool = Pool::api;
    // A native EventSource never reconnects after another status. If there is no room for it, it
    // gets 200 with a time to reconnect.
    bool event_stream = false;
};

struct RoutePlan {
    const MakeHandler* make = nullptr;  // lives as long as the policy; null if `early` is set
    PathParams params{};
    RouteOptions options{};
    std::optional<Problem> early{};  // the answer without a handler; a status below 400 has no body
};

// Decides about a request when its head is read. Called in the front's loop for every request: it
// only uses memory and never waits.
class RoutePolicy {
 public:
    virtual ~RoutePolicy() = default;
    virtual RoutePlan plan(const RequestHead& head, const Origin& origin) const = 0;
};

class Router : public RoutePolicy {
 public:
    // May reject a request before its body is read (401, 413, 429); only uses memory, like plan().
    using Admit = std::function<std::optional<Problem>(const RequestHead&, const Origin&)>;

    explicit Router(Admit admit = {}) : admit_(std::move(admit)) {}

    // `{name}` in the pattern matches one whole segment that is not empty. Patterns without params
    // are tried first, then the others in the order of the calls.
    void add(std::string method, std::string_view pattern, RouteOptions options, MakeHandler make);
    RoutePlan plan(const RequestHead& head, const Origin& origin) const override;

 private:
    struct Route {
        std::string method;
        std::vector<std::string> segments;
        std::size_t params;
        RouteOptions options;
        MakeHandler make;
    };
    static bool matches(const Route& route, const RequestHead& head);
    std::string allowed(const RequestHead& head) const;

    Admit admit_;
    std::vector<Route> routes_;
};

}  // namespace sheafline::http
