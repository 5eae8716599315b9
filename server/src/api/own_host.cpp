#include "api/own_host.h"

#include <algorithm>

#include <Poco/Exception.h>
#include <Poco/Net/IPAddress.h>
#include <Poco/String.h>
#include <Poco/URI.h>

namespace sheafline::api {

namespace {

bool isLoopback(const std::string& text) {
    Poco::Net::IPAddress address;
    return Poco::Net::IPAddress::tryParse(text, address) && address.isLoopback();
}

// "localhost:8000" and "[::1]:8000" without port and brackets, in lower case.
std::string nameOf(const std::string& host) {
    if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
    return Poco::toLower(host.substr(0, host.find(':')));
}

}  // namespace

OwnHost::OwnHost(const std::string& listen, const std::vector<std::string>& urls)
    : checks_(listen == "localhost" || isLoopback(listen)) {
    for (const std::string& url : urls) {
        try {
            if (!url.empty()) names_.push_back(Poco::toLower(Poco::URI(url).getHost()));
        } catch (const Poco::SyntaxException&) {  // NOLINT(bugprone-empty-catch): names no host
        }
    }
}

bool OwnHost::isOwn(const std::string& host) const {
    const std::string name = nameOf(host);
    return name == "localhost" || name.ends_with(".localhost") || isLoopback(name) ||
           std::ranges::find(names_, name) != names_.end();
}

std::optional<http::Problem> OwnHost::reason(const http::RequestHead& head,
                                             const http::Origin& origin) const {
    const std::string* host = head.find("Host");
    if (!checks_ || host == nullptr || origin.by_trusted_proxy || isOwn(*host)) return std::nullopt;
    return http::Problem{
        .status = 403,
        .code = "FOREIGN_HOST",
        .detail =
            "the field Host does not name this machine; use localhost or 127.0.0.1, or let "
            "the operator add the proxy to trusted-proxies"};
}

}  // namespace sheafline::api
