#include "api/api_routes.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPServerResponse.h>

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

class Handler : public Poco::Net::HTTPRequestHandler {
 public:
    Handler(const Handle& handle, const RouteRules& rules, Gate& gate, const CorsPolicy* cors,
            http::Call& call)
        : handle_(handle), rules_(rules), gate_(gate), cors_(cors), call_(call) {}

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
        handle_(api);
    }

    const Handle& handle_;
    const RouteRules& rules_;
    Gate& gate_;
    const CorsPolicy* cors_;
    http::Call& call_;
};

}  // namespace

void ApiRoutes::add(const std::string& method, const std::string& pattern, RouteRules rules,
                    Handle handle) {
    described_.push_back({.method = method, .pattern = pattern, .rules = rules});
    const http::RouteOptions options = rules.options;
    router_.add(method, pattern, options,
                [&gate = gate_, cors = cors_, rules = std::move(rules),
                 handle = std::move(handle)](http::Call& call) {
                    return std::make_unique<Handler>(handle, rules, gate, cors, call);
                });
}

}  // namespace sheafline::api
