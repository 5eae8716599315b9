// The table of the API's routes: the rights that each requires, and its description for
// /api/openapi.json. Filled before the front starts, then only read.
//
//     routes.add("GET", "/api/batches/{id}/status",
//                {.id = "getBatchStatus", .summary = "A batch with its stages",
//                 .gives = "BatchStatus"},
//                [&](ApiRequest& request) { … });
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/api_request.h"
#include "api/cors_policy.h"
#include "http/message/body_receiver.h"
#include "http/message/router.h"

namespace sheafline::api {

class AuditWatch;

enum class Access {
    open,     // no sign-in, or the handler checks it
    reader,   // any user
    creator,  // operator or admin; a token with the scope create
    decider,  // reviewer, operator or admin; a token with the scope decide
    changer,  // operator or admin; a token with the scope decide
    admin,
};

struct RouteRules {
    std::string id{};  // operationId: the name of the call in generated clients
    Access access = Access::reader;
    std::string summary{};
    std::vector<std::string> query{};  // names, described in param_schemas.cpp; others are rejected
    std::string body{};                // media type of the request's body, if it has one
    bool body_optional = false;
    std::string takes{};    // schema of a JSON body, a name of schemas.cpp
    std::string archive{};  // media type of an alternative body of raw bytes
    std::string answer = "application/json";
    std::string gives{};                     // schema of a JSON answer, a name of schemas.cpp
    int status = 200;                        // of success
    std::vector<int> also{};                 // other statuses that are not errors: 206, 304
    std::vector<std::string_view> errors{};  // codes, in addition to those that problemsOf() adds
    http::RouteOptions options{};
};

struct DescribedRoute {
    std::string method{};
    std::string pattern{};
    RouteRules rules{};
};

// All codes that a route may answer with, except commonProblems().
std::vector<std::string_view> problemsOf(const DescribedRoute& route);

using Handle = std::function<void(ApiRequest&)>;

// Receives the body of a streamed route in pieces (see http::BodyReceiver for the rules).
class BodyConsumer {
 public:
    virtual ~BodyConsumer() = default;
    virtual bool take(std::span<const char> bytes) = 0;  // returns false if no more bytes are
                                                         // wanted
    virtual void end(ApiRequest& request, http::BodyEnd how) = 0;
};

// Begins to consume a body. Returns null if it has already answered.
using Consume = std::function<std::unique_ptr<BodyConsumer>(ApiRequest&)>;

class ApiRoutes {
 public:
    // `cors` may be null: then no other site's page may call. So may `watch`: then there is no
    // audit trail.
    ApiRoutes(http::Router& router, Gate& gate, const CorsPolicy* cors = nullptr,
              AuditWatch* watch = nullptr)
        : router_(router), gate_(gate), cors_(cors), watch_(watch) {}

    void add(const std::string& method, const std::string& pattern, RouteRules rules,
             Handle handle);
    // Adds a route whose body may be larger than memory; sets the options for that.
    void addStreamed(const std::string& method, const std::string& pattern, RouteRules rules,
                     Consume consume);
    const std::vector<DescribedRoute>& described() const { return described_; }

 private:
    template <typename Handler, typename Action>
    void addRoute(const std::string& method, const std::string& pattern, RouteRules rules,
                  Action action);

    http::Router& router_;
    Gate& gate_;
    const CorsPolicy* cors_;
    AuditWatch* watch_;
    std::vector<DescribedRoute> described_;
};

}  // namespace sheafline::api
