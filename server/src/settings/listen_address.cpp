#include "settings/listen_address.h"

#include <charconv>

#include <Poco/Net/IPAddress.h>

#include <sheafline/error.h>

namespace sheafline {

ListenAddress listenAddress(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    const std::string wrong =
        "'" + text + "' is not an address to listen on; write it like 127.0.0.1:8000 or [::1]:8000";
    if (colon == std::string::npos) throw ConfigError(wrong);
    ListenAddress address{.host = text.substr(0, colon)};
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, address.port);
    if (error != std::errc() || stop != end) throw ConfigError(wrong);
    if (address.host == "localhost") address.host = "127.0.0.1";
    if (address.host.starts_with('[') && address.host.ends_with(']'))
        address.host = address.host.substr(1, address.host.size() - 2);
    Poco::Net::IPAddress parsed;
    if (!Poco::Net::IPAddress::tryParse(address.host, parsed)) throw ConfigError(wrong);
    return address;
}

bool isLoopback(const ListenAddress& address) {
    return Poco::Net::IPAddress(address.host).isLoopback();
}

std::string urlOf(const ListenAddress& address, std::uint16_t port) {
    const bool v6 = address.host.find(':') != std::string::npos;
    return "http://" + (v6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(port);
}

}  // namespace sheafline
