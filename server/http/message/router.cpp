#include "http/message/router.h"

#include <algorithm>
#include <stdexcept>

#include <Poco/Net/HTTPRequestHandler.h>

namespace sheafline::http {

namespace {

bool isParam(std::string_view segment) { return segment.starts_with('{'); }

std::vector<std::string> split(std::string_view pattern) {
    std::vector<std::string> segments;
    for (pattern.remove_prefix(1);;) {
        const std::size_t slash = pattern.find('/');
        segments.emplace_back(pattern.substr(0, slash));
        if (slash == std::string_view::npos) return segments;
        pattern.remove_prefix(slash + 1);
    }
}

}  // namespace

const std::string& Call::param(std::string_view name) const {
    for (const auto& [key, value] : params) {
        if (key == name) return value;
    }
    throw std::out_of_range("the route has no param " + std::string(name));
}

void Router::add(std::string method, std::string_view pattern, RouteOptions options,
                 MakeHandler make) {
    if (options.body == BodyMode::streamed) options.pool = Pool::upload;
    Route route{.method = std::move(method),
                .segments = split(pattern),
                .params = 0,
                .options = options,
                .make = std::move(make)};
    route.params = static_cast<std::size_t>(
        std::count_if(route.segments.begin(), route.segments.end(), isParam));
    const auto place = std::find_if(routes_.begin(), routes_.end(), [&](const Route& other) {
        return other.params > route.params;
    });
    routes_.insert(place, std::move(route));
}

bool Router::matches(const Route& route, const RequestHead& head) {
    return std::equal(route.segments.begin(), route.segments.end(), head.segments.begin(),
                      head.segments.end(), [](const std::string& want, const std::string& have) {
                          return isParam(want) ? !have.empty() : want == have;
                      });
}

RoutePlan Router::plan(const RequestHead& head, const Origin& origin) const {
    RoutePlan plan;
    if (admit_) plan.early = admit_(head, origin);
    if (plan.early) return plan;
    const std::string_view method = head.method == "HEAD" ? "GET" : std::string_view(head.method);
    for (const Route& route : routes_) {
        if (route.method != method || !matches(route, head)) continue;
        plan.make = &route.make;
        plan.options = route.options;
        for (std::size_t i = 0; i < route.segments.size(); ++i) {
            const std::string_view segment = route.segments[i];
            if (isParam(segment))
                plan.params.emplace_back(segment.substr(1, segment.size() - 2), head.segments[i]);
        }
        return plan;
    }
    const std::string allow = allowed(head);
    if (allow.empty()) {
        plan.early = {.status = 404,
                      .code = "NOT_FOUND",
                      .detail = "this path does not exist; see /api/openapi.json for the paths"};
    } else if (method == "OPTIONS") {
        plan.early = {.status = 204, .fields = {{"Allow", allow}}};
    } else {
        plan.early = {.status = 405,
                      .code = "METHOD_NOT_ALLOWED",
                      .detail = "this path has other methods; use one that the field Allow names",
                      .fields = {{"Allow", allow}}};
    }
    return plan;
}

// The methods of a path, or of all paths for "*"; empty if no route has that path.
std::string Router::allowed(const RequestHead& head) const {
    std::vector<std::string_view> methods;
    for (const Route& route : routes_) {
        if (head.path != "*" && !matches(route, head)) continue;
        methods.push_back(route.method);
        if (route.method == "GET") methods.emplace_back("HEAD");
    }
    if (methods.empty()) return {};
    methods.emplace_back("OPTIONS");
    std::sort(methods.begin(), methods.end());
    methods.erase(std::unique(methods.begin(), methods.end()), methods.end());
    std::string text;
    for (const std::string_view method : methods) {
        if (!text.empty()) text += ", ";
        text += method;
    }
    return text;
}

}  // namespace sheafline::http
