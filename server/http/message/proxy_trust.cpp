#include "http/message/proxy_trust.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstring>

#include <sheafline/error.h>

namespace sheafline::http {

namespace {

std::string_view trimmed(std::string_view text) {
    const std::size_t from = text.find_first_not_of(" \t");
    if (from == std::string_view::npos) return {};
    return text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

bool samePrefix(const std::uint8_t* a, const std::uint8_t* b, unsigned bits) {
    if (std::memcmp(a, b, bits / 8) != 0) return false;
    const auto mask = static_cast<std::uint8_t>(0xff00U >> (bits % 8));
    return bits % 8 == 0 || ((a[bits / 8] ^ b[bits / 8]) & mask) == 0;
}

}  // namespace

ProxyTrust::ProxyTrust(const std::vector<std::string>& networks) {
    for (const std::string& text : networks) {
        const std::size_t slash = text.find('/');
        const bool v4 = text.find(':') == std::string::npos;
        const std::string_view bits_text = slash == std::string::npos
                                               ? std::string_view()
                                               : std::string_view(text).substr(slash + 1);
        unsigned bits = v4 ? 32 : 128;
        Address address{};
        bool good = parse(std::string_view(text).substr(0, slash), address);
        if (slash != std::string::npos) {
            const unsigned most = bits;
            const char* end = bits_text.data() + bits_text.size();
            const auto [stop, error] = std::from_chars(bits_text.data(), end, bits);
            good = good && error == std::errc() && stop == end && bits <= most;
        }
        if (!good)
            throw ConfigError("trusted_proxies: '" + text +
                              "' is not an address or network such as 10.0.0.0/8");
        networks_.push_back({.address = address, .prefix_bits = bits + (v4 ? 96 : 0)});
    }
}

bool ProxyTrust::parse(std::string_view text, Address& address) {
    if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
    const std::string name(text);
    address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return ::inet_pton(AF_INET, name.c_str(), address.data() + 12) == 1 ||
           ::inet_pton(AF_INET6, name.c_str(), address.data()) == 1;
}

bool ProxyTrust::trusted(std::string_view text) const {
    Address address{};
    return parse(text, address) &&
           std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
               return samePrefix(address.data(), network.address.data(), network.prefix_bits);
           });
}

Origin ProxyTrust::originOf(const std::string& peer, const RequestHead& head) const {
    Origin origin{.client = peer};
    if (networks_.empty() || !trusted(peer)) {
        origin.by_unknown_proxy =
            head.find("Forwarded") != nullptr || head.find("X-Forwarded-For") != nullptr ||
            head.find("X-Forwarded-Host") != nullptr || head.find("X-Forwarded-Proto") != nullptr;
        return origin;
    }
    origin.by_trusted_proxy = true;
    std::string chain;  // all fields with this name, joined (RFC 9110, 5.3)
    for (const auto& [name, value] : head.fields) {
        if (sameName(name, "X-Forwarded-For")) chain.append(chain.empty() ? "" : ",").append(value);
    }
    while (!chain.empty() && trusted(origin.client)) {
        const std::size_t comma = chain.rfind(',');
        const std::size_t begin = comma == std::string::npos ? 0 : comma + 1;
        const std::string hop(trimmed(std::string_view(chain).substr(begin)));
        Address address{};
        if (!parse(hop, address)) return origin;
        origin.client = hop;
        chain.resize(comma == std::string::npos ? 0 : comma);
    }
    const std::string* proto = head.find("X-Forwarded-Proto");
    origin.https = proto != nullptr && sameName(*proto, "https");
    return origin;
}

}  // namespace sheafline::http
