#include "public_address.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <cstring>
#include <netinet/in.h>
#include <span>

namespace sheafline::webhook {

namespace {

struct Network {
    std::array<std::uint8_t, 16> bytes{};
    unsigned bits = 0;
};

// IANA's registries of special-purpose addresses, without those for the public.
constexpr auto kPrivateIpv4 = std::to_array<Network>({
    {{0}, 8},             // this network
    {{10}, 8},            // private
    {{100, 64}, 10},      // carrier-grade NAT
    {{127}, 8},           // loopback
    {{169, 254}, 16},     // link-local, also the metadata of clouds
    {{172, 16}, 12},      // private
    {{192, 0, 0}, 24},    // protocols
    {{192, 0, 2}, 24},    // documentation
    {{192, 88, 99}, 24},  // relays from 6to4
    {{192, 168}, 16},     // private
    {{198, 18}, 15},      // benchmarks
    {{198, 51, 100}, 24},
    {{203, 0, 113}, 24},  // documentation, like the one before
    {{224}, 4},           // multicast
    {{240}, 4},           // reserved, and broadcast
});
// In IPv6 only 2000::/3 is public, except these parts of it.
constexpr Network kPublicIpv6{{0x20}, 3};
constexpr auto kPrivateIpv6 = std::to_array<Network>({
    {{0x20, 0x01, 0x00}, 23},        // protocols, also Teredo
    {{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    {{0x20, 0x02}, 16},              // 6to4: an IPv4 address is inside
    {{0x3f, 0xff}, 20},              // documentation
});

bool contains(const Network& network, std::span<const std::uint8_t> address) {
    const unsigned whole = network.bits / 8;
    if (!std::equal(address.begin(), address.begin() + whole, network.bytes.begin())) return false;
    const unsigned rest = network.bits % 8;
    if (rest == 0) return true;
    const auto mask = static_cast<std::uint8_t>(0xFFU << (8U - rest));
    return (address[whole] & mask) == (network.bytes.at(whole) & mask);
}

bool isPublicIpv4(std::span<const std::uint8_t> bytes) {
    return std::ranges::none_of(kPrivateIpv4,
                                [&](const Network& network) { return contains(network, bytes); });
}

bool isPublicIpv6(std::span<const std::uint8_t> bytes) {
    // ::ffff:10.0.0.1 is 10.0.0.1, and 64:ff9b::10.0.0.1 reaches it through a NAT64.
    constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    constexpr std::array<std::uint8_t, 12> kNat64{0, 0x64, 0xFF, 0x9B};
    const auto front = bytes.first(kMapped.size());
    if (std::ranges::equal(front, kMapped) || std::ranges::equal(front, kNat64))
        return isPublicIpv4(bytes.subspan(kMapped.size()));
    return contains(kPublicIpv6, bytes) &&
           std::ranges::none_of(kPrivateIpv6,
                                [&](const Network& network) { return contains(network, bytes); });
}

}  // namespace

bool isPublicAddress(const std::string& address) {
    std::array<std::uint8_t, 16> bytes{};
    if (::inet_pton(AF_INET, address.c_str(), bytes.data()) == 1)
        return isPublicIpv4(std::span(bytes).first(4));
    const std::string plain = address.substr(0, address.find('%'));  // a link-local one has a zone
    return ::inet_pton(AF_INET6, plain.c_str(), bytes.data()) == 1 && isPublicIpv6(bytes);
}

}  // namespace sheafline::webhook
