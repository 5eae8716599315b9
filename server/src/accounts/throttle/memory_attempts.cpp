#include "accounts/throttle/memory_attempts.h"

#include <algorithm>

#include "base/clocks.h"

namespace sheafline {

std::int64_t MemoryAttempts::nowMs() { return bootMs(); }

std::size_t MemoryAttempts::mostOfKey() const {
    const ThrottleLimits& most = limits();
    return static_cast<std::size_t>(
        std::max({most.per_pair, most.per_address, most.per_name + kDelayDoublings}));
}

void MemoryAttempts::alone(const std::function<void()>& work) {
    const std::lock_guard lock(mutex_);
    work();
}

Attempts MemoryAttempts::of(AttemptKind kind, const std::string& key, std::int64_t now_ms) {
    auto& windows = windowsOf(kind).by_key;
    const auto found = windows.find(key);
    if (found == windows.end()) return {};
    auto& attempts = found->second.attempts;
    while (!attempts.empty() && attempts.front() <= now_ms - windowMs(kind)) attempts.pop_front();
    if (attempts.empty()) return {};
    return {.number = static_cast<int>(attempts.size()),
            .oldest_ms = attempts.front(),
            .newest_ms = attempts.back()};
}

void MemoryAttempts::add(AttemptKind kind, const std::string& key, std::int64_t now_ms) {
    Windows& windows = windowsOf(kind);
    auto found = windows.by_key.find(key);
    if (found == windows.by_key.end()) {
        if (windows.by_key.size() >= limits().keys) {
            windows.by_key.erase(windows.recent.back());
            windows.recent.pop_back();
        }
        windows.recent.push_front(key);
        const Window made{.attempts = {}, .place = windows.recent.begin()};
        found = windows.by_key.try_emplace(key, made).first;
    }
    windows.recent.splice(windows.recent.begin(), windows.recent, found->second.place);
    std::deque<std::int64_t>& attempts = found->second.attempts;
    attempts.push_back(now_ms);
    if (attempts.size() > (kind == AttemptKind::known ? 1 : mostOfKey())) attempts.pop_front();
}

void MemoryAttempts::takeBack(AttemptKind kind, const std::string& key, std::int64_t at_ms) {
    Windows& windows = windowsOf(kind);
    const auto found = windows.by_key.find(key);
    if (found == windows.by_key.end()) return;
    auto& attempts = found->second.attempts;
    const auto attempt = std::ranges::find(attempts, at_ms);
    if (attempt != attempts.end()) attempts.erase(attempt);
    if (!attempts.empty()) return;
    windows.recent.erase(found->second.place);
    windows.by_key.erase(found);
}

}  // namespace sheafline
