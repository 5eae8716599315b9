#include "api/routes/web_routes.h"

#include <algorithm>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <web_files.h>  // made by the build

#include <Poco/DeflatingStream.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>

namespace sheafline::api {

namespace {

// No inline scripts or styles, and nothing from other hosts.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

std::string compressed(std::string_view text) {
    constexpr int kBest = 9;
    std::ostringstream out;
    Poco::DeflatingOutputStream stream(out, Poco::DeflatingStreamBuf::STREAM_GZIP, kBest);
    stream.write(text.data(), static_cast<std::streamsize>(text.size()));
    stream.close();
    return out.str();
}

const char* typeOf(std::string_view name) {
    if (name.ends_with(".html")) return "text/html; charset=utf-8";
    if (name.ends_with(".css")) return "text/css; charset=utf-8";
    if (name.ends_with(".svg")) return "image/svg+xml";
    return "text/javascript; charset=utf-8";
}

struct WebPage {
    std::string text{};
    std::string gzip{};
    const char* type = nullptr;
    bool forever = false;  // its name contains a hash of the content
};

WebPage pageOf(const WebFile& file) {
    return {.text = std::string(file.text),
            .gzip = compressed(file.text),
            .type = typeOf(file.name),
            .forever = file.name.find('/') != std::string_view::npos};
}

const WebFile& named(std::string_view name) {
    return *std::ranges::find(kWebFiles, name, &WebFile::name);  // a file of this program
}

// A browser sends "gzip, deflate, br"; "gzip;q=0" forbids it.
bool takesGzip(const std::string& accepted) {
    const auto found = accepted.find("gzip");
    return found != std::string::npos && accepted.find("gzip;q=0") == std::string::npos;
}

void send(ApiRequest& request, const WebPage& page) {
    auto& response = request.response();
    response.set("Content-Security-Policy", kPolicy);
    response.set("Cache-Control",
                 page.forever ? "public, max-age=31536000, immutable" : "no-cache");
    response.set("Vary", "Accept-Encoding");
    const bool gzip = takesGzip(request.header("Accept-Encoding"));
    if (gzip) response.set("Content-Encoding", "gzip");
    request.sendText(gzip ? page.gzip : page.text, page.type);
}

void addPage(ApiRoutes& routes, const char* path, const char* id, const char* answer,
             std::string_view name) {
    routes.add("GET", path,
               {.id = id, .access = Access::open, .summary = "The dashboard", .answer = answer},
               [page = pageOf(named(name))](ApiRequest& request) { send(request, page); });
}

// The files of a folder of dist, each under "/FOLDER/NAME".
void addFolder(ApiRoutes& routes, const std::string& folder, const char* id, const char* summary,
               const char* answer) {
    std::map<std::string, WebPage> pages;
    for (const WebFile& file : kWebFiles)
        if (file.name.starts_with(folder + '/'))
            pages.emplace(file.name.substr(folder.size() + 1), pageOf(file));
    routes.add("GET", '/' + folder + "/{name}",
               {.id = id,
                .access = Access::open,
                .summary = summary,
                .answer = answer,
                .errors = {"NOT_FOUND"}},
               [pages = std::move(pages)](ApiRequest& request) {
                   const auto found = pages.find(request.param("name"));
                   if (found == pages.end())
                       throw http::HttpError(
                           404, "NOT_FOUND",
                           "this file of the dashboard does not exist; load the page again");
                   send(request, found->second);
               });
}

}  // namespace

void addWebRoutes(ApiRoutes& routes) {
    addPage(routes, "/", "getDashboard", "text/html; charset=utf-8", "index.html");
    addPage(routes, "/icon.svg", "getIcon", "image/svg+xml", "icon.svg");
    addFolder(routes, "scripts", "getScript", "The dashboard's script", "text/javascript");
    addFolder(routes, "styles", "getStyleSheet", "The dashboard's style", "text/css");
}

}  // namespace sheafline::api
