#include "settings/cors_origin.h"

#include <Poco/Exception.h>
#include <Poco/String.h>
#include <Poco/URI.h>

#include <sheafline/error.h>

namespace sheafline {

namespace {

// As a browser writes it; empty when the text has no http or https host.
std::string originIn(const std::string& text) {
    try {
        const Poco::URI uri(text);
        const std::string& scheme = uri.getScheme();
        if ((scheme != "http" && scheme != "https") || uri.getHost().empty()) return {};
        const bool default_port = uri.getPort() == (scheme == "http" ? 80 : 443);
        const bool v6 = uri.getHost().find(':') != std::string::npos;
        const std::string host = Poco::toLower(uri.getHost());
        return scheme + "://" + (v6 && !host.starts_with('[') ? "[" + host + "]" : host) +
               (default_port ? "" : ":" + std::to_string(uri.getPort()));
    } catch (const Poco::Exception&) {
        return {};
    }
}

}  // namespace

void requireOrigin(const std::string& text) {
    const std::string origin = originIn(text);
    if (origin == text && !text.empty()) return;
    if (text == "*")
        throw ConfigError(
            "'*' is not supported; list the origins of the pages, such as "
            "https://app.example");
    if (origin.empty())
        throw ConfigError("'" + text +
                          "' is not an origin; write it like https://app.example or "
                          "http://localhost:3000");
    throw ConfigError("browsers do not send the origin '" + text + "'; write '" + origin + "'");
}

}  // namespace sheafline
