#include "api/api_routes.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPServerResponse.h>

#include <sheafline/error.h>

#include "api/description/problem_codes.h"
#include "api/elsewhere.h"

namespace sheafline::api {

namespace {

using http::HttpError;

void requireAccess(Access access, const Caller& caller) {
    const bool enough = access == Access::reader ||
                        (access == Access::changer && caller.may_change) ||
                        (access == Access::admin && caller.sees_all);
    if (!enough) throw HttpError(403, "FORBIDDEN", "your role does not allow this");
}

void requireKnownQuery(const RouteRules& rules, const std::string& query) {
    for (const auto& [name, value] : formFields(query)) {
        const bool known = std::any_of(
            rules.query.begin(), rules.query.end(), [&name = name](const std::string& pattern) {
                return pattern == name || (pattern.ends_with('*') &&
                                           name.starts_with(pattern.substr(0, pattern.size() - 1)));
            });
        if (!known) throw HttpError(400, "BAD_QUERY", "'" + name + "' is not known here");
    }
}

// Where the disk takes nothing more, the client is told so; the rest of what goes wrong is ours.
void throwForDisk(const Error& error) {
    if (error.code() == "DISK_FULL") throw HttpError(507, "DISK_FULL", "the server's disk is full");
    if (error.code() == "DISK_READONLY")
        throw HttpError(507, "DISK_READONLY", "the server's disk cannot be written");
}

bool isOfBatch(const http::Call& call) {
    return std::ranges::any_of(call.params, [](const auto& param) { return param.first == "id"; });
}

class Handler : public Poco::Net::HTTPRequestHandler {
 public:
    Handler(const Handle& handle, const RouteRules& rules, Gate& gate, const CorsPolicy* cors,
            Elsewhere* elsewhere, http::Call& call)
        : handle_(handle),
          rules_(rules),
          gate_(gate),
          cors_(cors),
          elsewhere_(elsewhere),
          call_(call) {}

    void handleRequest(Poco::Net::HTTPServerRequest& request,
                       Poco::Net::HTTPServerResponse& response) override {
        const http::Fields fields =
            cors_ == nullptr ? http::Fields{} : cors_->fieldsFor(call_.head);
        for (const auto& [name, value] : fields) response.set(name, value);
        ApiRequest api(call_, request, response);
        try {
            handle(api);
        } catch (const HttpError& error) {
            http::Problem problem = error.problem();
            problem.fields.insert(problem.fields.end(), fields.begin(), fields.end());
            throw HttpError(std::move(problem));
        }
    }

 private:
    void handle(ApiRequest& api) {
        if (rules_.access != Access::open) {
            api.caller = gate_.identify(call_);
            requireAccess(rules_.access, api.caller);
        }
        requireKnownQuery(rules_, call_.head.query);
        if (answeredElsewhere(api)) return;
        try {
            handle_(api);
        } catch (const Error& error) {
            throwForDisk(error);
            throw;
        }
    }

    bool answeredElsewhere(ApiRequest& api) const {
        if (elsewhere_ == nullptr || rules_.anywhere) return false;
        if (rules_.of_accounts) return elsewhere_->answeredAtAccounts(api);
        const bool may_wait = rules_.options.pool == http::Pool::bulk ||
                              rules_.options.body == http::BodyMode::streamed;
        return isOfBatch(call_) && elsewhere_->answeredAtHome(api, may_wait);
    }

    const Handle& handle_;
    const RouteRules& rules_;
    Gate& gate_;
    const CorsPolicy* cors_;
    Elsewhere* elsewhere_;
    http::Call& call_;
};

}  // namespace

std::vector<std::string_view> problemsOf(const DescribedRoute& route) {
    std::vector<std::string_view> codes = route.rules.errors;
    if (route.rules.access == Access::open) return codes;
    if (route.pattern.find("{id}") != std::string::npos) {
        codes.emplace_back("REDIS_AWAY");
        if (!route.rules.anywhere) codes.emplace_back("HOME_UNREACHABLE");
    }
    if (route.rules.of_accounts) codes.emplace_back("ACCOUNTS_UNREACHABLE");
    codes.emplace_back("UNAUTHORIZED");
    if (route.method != "GET") codes.emplace_back("FOREIGN_ORIGIN");
    if (route.rules.access == Access::reader) return codes;
    codes.emplace_back("FORBIDDEN");
    for (const char* code : {"DISK_FULL", "DISK_READONLY"}) codes.emplace_back(code);
    return codes;
}

void ApiRoutes::add(const std::string& method, const std::string& pattern, RouteRules rules,
                    Handle handle) {
    for (const std::string_view code : rules.errors) problemCode(code);
    described_.push_back({.method = method, .pattern = pattern, .rules = rules});
    const http::RouteOptions options = rules.options;
    router_.add(method, pattern, options,
                [&gate = gate_, cors = cors_, elsewhere = elsewhere_, rules = std::move(rules),
                 handle = std::move(handle)](http::Call& call) {
                    return std::make_unique<Handler>(handle, rules, gate, cors, elsewhere, call);
                });
}

}  // namespace sheafline::api
