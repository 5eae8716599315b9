#include "accounts/throttle/login_throttle.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cctype>
#include <cstring>

#include "accounts/random_id.h"

namespace sheafline {

namespace {

// Names are compared without case, and a name of megabytes makes no larger key than a short one.
std::string keyOfName(std::string_view name) {
    std::string lower(name);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    return hashOfId(lower);
}

}  // namespace

std::string clientOfAddress(std::string_view address) {
    const std::string text(address.substr(0, address.find('%')));
    in6_addr parts{};
    if (::inet_pton(AF_INET6, text.c_str(), &parts) != 1 || IN6_IS_ADDR_V4MAPPED(&parts)) {
        const auto last_colon = text.rfind(':');
        return text.find('.') == std::string::npos || last_colon == std::string::npos
                   ? text
                   : text.substr(last_colon + 1);  // ::ffff:10.0.0.1 is 10.0.0.1
    }
    std::memset(&parts.s6_addr[8], 0, 8);
    std::array<char, INET6_ADDRSTRLEN> network{};
    return std::string(::inet_ntop(AF_INET6, &parts, network.data(), network.size())) + "/64";
}

LoginThrottle::Keys::Keys(std::string_view name_text, std::string_view address_text)
    : name(keyOfName(name_text)),
      address(clientOfAddress(address_text)),
      pair(name + ' ' + address) {}

std::int64_t LoginThrottle::lockMs(AttemptKind kind, const std::string& key, int limit,
                                   std::int64_t now_ms) {
    const Attempts found = log_.of(kind, key, now_ms);
    return found.number < limit ? 0 : found.oldest_ms + limits_.window_ms - now_ms;
}

std::int64_t LoginThrottle::nameWaitMs(const std::string& name_key, std::int64_t now_ms) {
    const Attempts found = log_.of(AttemptKind::name, name_key, now_ms);
    const int above = std::min(found.number - limits_.per_name, kDelayDoublings);
    if (above < 0) return 0;
    const std::int64_t delay = std::min(limits_.name_delay_ms << above, limits_.name_delay_most_ms);
    return delay - (now_ms - found.newest_ms);
}

std::int64_t LoginThrottle::waitMs(const Keys& keys, std::int64_t now_ms) {
    const std::int64_t lock_ms =
        std::max(lockMs(AttemptKind::pair, keys.pair, limits_.per_pair, now_ms),
                 lockMs(AttemptKind::address, keys.address, limits_.per_address, now_ms));
    if (log_.of(AttemptKind::known, keys.pair, now_ms).number > 0) return lock_ms;
    return std::max(lock_ms, nameWaitMs(keys.name, now_ms));
}

Admission LoginThrottle::admit(std::string_view name, std::string_view address,
                               std::int64_t now_ms) {
    const Keys keys(name, address);
    std::int64_t wait_ms = 0;
    log_.alone([&] {
        wait_ms = waitMs(keys, now_ms);
        if (wait_ms > 0) return;
        log_.add(AttemptKind::pair, keys.pair, now_ms);
        log_.add(AttemptKind::name, keys.name, now_ms);
        log_.add(AttemptKind::address, keys.address, now_ms);
    });
    return {.retry_after_seconds = wait_ms > 0 ? (wait_ms + 999) / 1000 : 0};
}

void LoginThrottle::succeeded(std::string_view name, std::string_view address,
                              std::int64_t admitted_ms) {
    const Keys keys(name, address);
    log_.alone([&] {
        takeBack(keys, admitted_ms);
        log_.add(AttemptKind::known, keys.pair, admitted_ms);
    });
}

void LoginThrottle::notTried(std::string_view name, std::string_view address,
                             std::int64_t admitted_ms) {
    const Keys keys(name, address);
    log_.alone([&] { takeBack(keys, admitted_ms); });
}

void LoginThrottle::takeBack(const Keys& keys, std::int64_t admitted_ms) {
    log_.takeBack(AttemptKind::pair, keys.pair, admitted_ms);
    log_.takeBack(AttemptKind::name, keys.name, admitted_ms);
    log_.takeBack(AttemptKind::address, keys.address, admitted_ms);
}

}  // namespace sheafline
