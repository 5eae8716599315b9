#include "api/api_routes.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <Poco/Net/HTTPRequestHandler.h>

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
    Handler(const Handle& handle, const RouteRules& rules, Gate& gate, http::Call& call)
        : handle_(handle), rules_(rules), gate_(gate), call_(call) {}

    void handleRequest(Poco::Net::HTTPServerRequest& request,
                       Poco::Net::HTTPServerResponse& response) override {
        ApiRequest api(call_, request, response);
        if (rules_.access != Access::open) {
            api.caller = gate_.identify(call_);
            requireAccess(rules_.access, api.caller);
        }
        requireKnownQuery(rules_, call_.head.query);
        handle_(api);
    }

 private:
    const Handle& handle_;
    const RouteRules& rules_;
    Gate& gate_;
    http::Call& call_;
};

}  // namespace

void ApiRoutes::add(const std::string& method, const std::string& pattern, RouteRules rules,
                    Handle handle) {
    described_.push_back({.method = method, .pattern = pattern, .rules = rules});
    const http::RouteOptions options = rules.options;
    router_.add(
        method, pattern, options,
        [&gate = gate_, rules = std::move(rules), handle = std::move(handle)](http::Call& call) {
            return std::make_unique<Handler>(handle, rules, gate, call);
        });
}

}  // namespace sheafline::api
