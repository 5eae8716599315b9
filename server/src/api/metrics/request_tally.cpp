#include "api/metrics/request_tally.h"

#include <algorithm>
#include <string_view>

namespace sheafline::api {

namespace {

constexpr std::string_view kSignInPattern = "/api/auth/login";

std::string_view takeSegment(std::string_view& path) {
    const auto slash = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    return segment;
}

bool matches(std::string_view pattern, std::string_view path) {
    while (!pattern.empty() && !path.empty()) {
        const std::string_view want = takeSegment(pattern);
        const std::string_view have = takeSegment(path);
        if (!want.starts_with('{') && want != have) return false;
    }
    return pattern.empty() && path.empty();
}

// Clients choose the method freely.
std::string knownMethod(const std::string& method) {
    for (const char* known : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
        if (method == known) return method;
    }
    return "other";
}

}  // namespace

std::string RequestTally::patternOf(const std::string& path) const {
    const auto& routes = routes_.described();
    for (const DescribedRoute& route : routes) {  // "/api/users/me" is also "/api/users/{name}"
        if (route.pattern == path) return path;
    }
    const auto found = std::ranges::find_if(
        routes, [&](const DescribedRoute& route) { return matches(route.pattern, path); });
    return found == routes.end() ? "other" : found->pattern;
}

void RequestTally::count(const http::Served& served) {
    const std::string pattern = patternOf(served.path);
    const double seconds = std::chrono::duration<double>(served.duration).count();
    const std::lock_guard lock(mutex_);
    ++counts_[{pattern, knownMethod(served.method), served.status}];
    for (std::size_t i = 0; i < kBounds.size(); ++i)
        if (seconds <= kBounds.at(i)) ++at_most_.at(i);
    ++all_;
    seconds_ += seconds;
    if (pattern == kSignInPattern && served.status >= 400) ++failed_sign_ins_;
}

void RequestTally::write(MetricText& metrics) const {
    const std::lock_guard lock(mutex_);
    metrics.begin("sheafline_http_answers_total", "counter",
                  "Answered requests, by route, method and status");
    for (const auto& [key, count] : counts_) {
        const auto& [pattern, method, status] = key;
        metrics.sample("sheafline_http_answers_total",
                       std::string("route=\"")
                           .append(pattern)
                           .append("\",method=\"")
                           .append(method)
                           .append("\",status=\"")
                           .append(std::to_string(status))
                           .append("\""),
                       count);
    }
    metrics.begin("sheafline_http_seconds", "histogram", "Time from a request to its answer");
    for (std::size_t i = 0; i < kBounds.size(); ++i) {
        std::ostringstream bound;
        bound << kBounds.at(i);
        metrics.sample("sheafline_http_seconds_bucket", "le", bound.str(), at_most_.at(i));
    }
    metrics.sample("sheafline_http_seconds_bucket", "le", "+Inf", all_);
    metrics.line("sheafline_http_seconds_sum", seconds_);
    metrics.line("sheafline_http_seconds_count", all_);
    metrics.add("sheafline_sign_ins_failed_total", "counter", "Sign-ins that were rejected",
                failed_sign_ins_);
}

}  // namespace sheafline::api
