#include "accounts/login_throttle.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cctype>
#include <cstring>

#include "accounts/random_id.h"

namespace sheafline {

namespace {

constexpr int kDoublings = 8;
constexpr std::int64_t kKnownMs = std::int64_t{30} * 24 * 3600 * 1000;

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

LoginThrottle::Windows::Windows(int limit, std::int64_t window_ms, std::size_t keys)
    : limit_(limit), window_ms_(window_ms), keys_(keys) {}

int LoginThrottle::Windows::count(const std::string& key, std::int64_t now_ms) {
    const auto found = windows_.find(key);
    if (found == windows_.end()) return 0;
    auto& attempts = found->second.attempts;
    while (!attempts.empty() && attempts.front() <= now_ms - window_ms_) attempts.pop_front();
    return static_cast<int>(attempts.size());
}

std::int64_t LoginThrottle::Windows::waitMs(const std::string& key, std::int64_t now_ms) {
    if (count(key, now_ms) < limit_) return 0;
    return windows_.at(key).attempts.front() + window_ms_ - now_ms;
}

void LoginThrottle::Windows::add(const std::string& key, std::int64_t now_ms) {
    auto found = windows_.find(key);
    if (found == windows_.end()) {
        if (windows_.size() >= keys_) {
            windows_.erase(recent_.back());
            recent_.pop_back();
        }
        recent_.push_front(key);
        found = windows_.try_emplace(key, Window{.attempts = {}, .place = recent_.begin()}).first;
    }
    recent_.splice(recent_.begin(), recent_, found->second.place);
    std::deque<std::int64_t>& attempts = found->second.attempts;
    attempts.push_back(now_ms);
    if (static_cast<int>(attempts.size()) > limit_) attempts.pop_front();
}

std::optional<std::int64_t> LoginThrottle::Windows::sinceLast(const std::string& key,
                                                              std::int64_t now_ms) const {
    const auto found = windows_.find(key);
    if (found == windows_.end() || found->second.attempts.empty()) return std::nullopt;
    return now_ms - found->second.attempts.back();
}

void LoginThrottle::Windows::takeBack(const std::string& key, std::int64_t at_ms) {
    const auto found = windows_.find(key);
    if (found == windows_.end()) return;
    auto& attempts = found->second.attempts;
    const auto attempt = std::ranges::find(attempts, at_ms);
    if (attempt != attempts.end()) attempts.erase(attempt);
    if (!attempts.empty()) return;
    recent_.erase(found->second.place);
    windows_.erase(found);
}

LoginThrottle::LoginThrottle(ThrottleLimits limits)
    : limits_(limits),
      pairs_(limits.per_pair, limits.window_ms, limits.keys),
      names_(limits.per_name + kDoublings, limits.window_ms, limits.keys),
      addresses_(limits.per_address, limits.window_ms, limits.keys),
      known_(1, kKnownMs, limits.keys) {}

std::int64_t LoginThrottle::nameWaitMs(const std::string& name_key, std::int64_t now_ms) {
    const int above = names_.count(name_key, now_ms) - limits_.per_name;
    if (above < 0) return 0;
    const std::int64_t delay = std::min(limits_.name_delay_ms << above, limits_.name_delay_most_ms);
    return delay - names_.sinceLast(name_key, now_ms).value_or(delay);
}

Admission LoginThrottle::admit(std::string_view name, std::string_view address,
                               std::int64_t now_ms) {
    const std::string name_key = keyOfName(name);
    const std::string address_key = clientOfAddress(address);
    const std::string pair_key = name_key + ' ' + address_key;
    const std::lock_guard lock(mutex_);
    std::int64_t wait_ms =
        std::max(pairs_.waitMs(pair_key, now_ms), addresses_.waitMs(address_key, now_ms));
    if (known_.count(pair_key, now_ms) == 0)
        wait_ms = std::max(wait_ms, nameWaitMs(name_key, now_ms));
    if (wait_ms > 0) return {.retry_after_seconds = (wait_ms + 999) / 1000};
    pairs_.add(pair_key, now_ms);
    names_.add(name_key, now_ms);
    addresses_.add(address_key, now_ms);
    return {};
}

void LoginThrottle::succeeded(std::string_view name, std::string_view address,
                              std::int64_t admitted_ms) {
    notTried(name, address, admitted_ms);
    const std::lock_guard lock(mutex_);
    known_.add(keyOfName(name) + ' ' + clientOfAddress(address), admitted_ms);
}

void LoginThrottle::notTried(std::string_view name, std::string_view address,
                             std::int64_t admitted_ms) {
    const std::string name_key = keyOfName(name);
    const std::string address_key = clientOfAddress(address);
    const std::lock_guard lock(mutex_);
    pairs_.takeBack(name_key + ' ' + address_key, admitted_ms);
    names_.takeBack(name_key, admitted_ms);
    addresses_.takeBack(address_key, admitted_ms);
}

}  // namespace sheafline
