// Decides whose X-Forwarded-For and X-Forwarded-Proto are used: those of the proxies in the
// configuration. Immutable, so any thread may call it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/message/request_head.h"

namespace sheafline::http {

struct Origin {
    std::string client{};  // an address without port
    bool https = false;
    bool by_trusted_proxy = false;
    // A proxy that is not in the configuration sent it, so `client` is that proxy.
    bool by_unknown_proxy = false;
};

class ProxyTrust {
 public:
    // Addresses or networks: "127.0.0.1", "10.0.0.0/8", "fd00::/8". Throws ConfigError.
    explicit ProxyTrust(const std::vector<std::string>& networks);

    // Walks X-Forwarded-For from its end, as far as trusted proxies wrote it.
    Origin originOf(const std::string& peer, const RequestHead& head) const;

 private:
    using Address = std::array<std::uint8_t, 16>;  // IPv4 as ::ffff:a.b.c.d
    struct Network {
        Address address;
        unsigned prefix_bits;
    };
    static bool parse(std::string_view text, Address& address);
    bool trusted(std::string_view text) const;

    std::vector<Network> networks_;
};

}  // namespace sheafline::http
