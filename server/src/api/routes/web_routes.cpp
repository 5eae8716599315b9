#include "api/routes/web_routes.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <web_files.h>  // made by the build

#include <Poco/Net/HTTPServerResponse.h>

namespace sheafline::api {

namespace {

// No inline scripts or styles, and nothing from other hosts.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const WebFile* find(std::string_view name) {
    const auto* const found = std::ranges::find(kWebFiles, name, &WebFile::name);
    return found == kWebFiles.end() ? nullptr : found;
}

void send(ApiRequest& request, const WebFile& file, const char* type) {
    request.response().set("Content-Security-Policy", kPolicy);
    request.response().set("Cache-Control", "no-cache");
    request.sendText(std::string(file.text), type);
}

void addFile(ApiRoutes& routes, const char* path, const char* id, const char* type,
             std::string_view name) {
    const WebFile& file = *find(name);  // a file of this program
    routes.add("GET", path,
               {.id = id, .access = Access::open, .summary = "The dashboard", .answer = type},
               [&file, type](ApiRequest& request) { send(request, file, type); });
}

}  // namespace

void addWebRoutes(ApiRoutes& routes) {
    addFile(routes, "/", "getDashboard", "text/html; charset=utf-8", "index.html");
    addFile(routes, "/dashboard.css", "getStyleSheet", "text/css; charset=utf-8", "dashboard.css");
    addFile(routes, "/icon.svg", "getIcon", "image/svg+xml", "icon.svg");
    routes.add("GET", "/scripts/{name}",
               {.id = "getScript",
                .access = Access::open,
                .summary = "The dashboard's scripts",
                .answer = "text/javascript",
                .errors = {"NOT_FOUND"}},
               [](ApiRequest& request) {
                   const std::string& name = request.param("name");
                   const WebFile* file = name.ends_with(".js") ? find(name) : nullptr;
                   if (file == nullptr)
                       throw http::HttpError(404, "NOT_FOUND", "there is nothing here");
                   send(request, *file, "text/javascript; charset=utf-8");
               });
}

}  // namespace sheafline::api
