// HOST:PORT on the command line or in the configuration: "127.0.0.1:8000", "[::1]:0".
#pragma once

#include <cstdint>
#include <string>

namespace sheafline {

struct ListenAddress {
    std::string host{};      // an IPv4 or IPv6 address
    std::uint16_t port = 0;  // 0: any free one
};

ListenAddress listenAddress(const std::string& text);  // throws ConfigError
bool isLoopback(const ListenAddress& address);
std::string urlOf(const ListenAddress& address, std::uint16_t port);

}  // namespace sheafline
