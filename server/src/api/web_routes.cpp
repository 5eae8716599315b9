#include "api/web_routes.h"

#include <string_view>
#include <web_files.h>  // made by the build

#include <Poco/Net/HTTPServerResponse.h>

namespace sheafline::api {

namespace {

// Nothing inline, nothing from elsewhere.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

void addFile(ApiRoutes& routes, const char* path, const char* type, std::string_view text) {
    routes.add("GET", path, {.access = Access::open, .summary = "The dashboard", .answer = type},
               [text, type](ApiRequest& request) {
                   request.response().set("Content-Security-Policy", kPolicy);
                   request.response().set("Cache-Control", "no-cache");
                   request.sendText(std::string(text), type);
               });
}

}  // namespace

void addWebRoutes(ApiRoutes& routes) {
    addFile(routes, "/", "text/html; charset=utf-8", kDashboardPage);
    addFile(routes, "/dashboard.js", "text/javascript; charset=utf-8", kDashboardScript);
    addFile(routes, "/dashboard.css", "text/css; charset=utf-8", kDashboardStyle);
}

}  // namespace sheafline::api
