// The attempts to sign in on one server. Memory is bounded: of each kind, the key that was quiet
// for longest is forgotten first. Thread-safe inside alone().
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <list>
#include <mutex>
#include <string>
#include <unordered_map>

#include "accounts/throttle/attempt_log.h"

namespace sheafline {

class MemoryAttempts : public AttemptLog {
 public:
    explicit MemoryAttempts(const ThrottleLimits& limits = {}) : AttemptLog(limits) {}

    std::int64_t nowMs() override;
    void alone(const std::function<void()>& work) override;
    Attempts of(AttemptKind kind, const std::string& key, std::int64_t now_ms) override;
    void add(AttemptKind kind, const std::string& key, std::int64_t now_ms) override;
    void takeBack(AttemptKind kind, const std::string& key, std::int64_t at_ms) override;
    void forgetOld(std::int64_t /*now_ms*/) override {}  // memory is bounded anyway

 private:
    struct Window {
        std::deque<std::int64_t> attempts;  // oldest first
        std::list<std::string>::iterator place;
    };
    struct Windows {
        std::unordered_map<std::string, Window> by_key{};
        std::list<std::string> recent{};  // the key of the newest attempt first
    };

    std::size_t mostOfKey() const;  // more attempts make no difference
    Windows& windowsOf(AttemptKind kind) { return kinds_.at(static_cast<std::size_t>(kind)); }

    std::mutex mutex_;
    std::array<Windows, kAttemptKinds> kinds_{};  // guarded by mutex_
};

}  // namespace sheafline
