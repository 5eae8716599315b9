#include "neighbours/remote_shares.h"

#include <algorithm>
#include <condition_variable>
#include <utility>

#include <Poco/String.h>

#include <sheafline/error.h>

namespace sheafline {

namespace {

constexpr std::chrono::seconds kFresh{2};
constexpr std::chrono::seconds kForgotten{20};
constexpr std::chrono::milliseconds kPause{500};
constexpr int kMostWaiting = 2;  // of the threads that also answer other calls

bool includes(const Shares& shares, const std::string& user) {
    return shares.everybody || std::ranges::any_of(shares.users, [&](const auto& other) {
               return Poco::icompare(user, other) == 0;
           });
}

}  // namespace

RemoteShares::RemoteShares(Homes& homes)
    : homes_(homes), thread_([this](const std::stop_token& stop) { askAgain(stop); }) {}

bool RemoteShares::sharedWith(const std::string& batch_id, const std::string& user) {
    {
        const std::lock_guard lock(mutex_);
        const auto found = known_.find(batch_id);
        if (found != known_.end() && Clock::now() - found->second.answered < kFresh) {
            found->second.looked_up = Clock::now();
            return includes(found->second.shares, user);
        }
        if (waiting_ >= kMostWaiting)
            throw Error(ErrorClass::transient, "HOME_UNREACHABLE",
                        "too many calls wait for other servers; try again");
        ++waiting_;
    }
    try {
        ask(batch_id);
    } catch (...) {
        const std::lock_guard lock(mutex_);
        --waiting_;
        throw;
    }
    const std::lock_guard lock(mutex_);
    --waiting_;
    return includes(known_[batch_id].shares, user);
}

bool RemoteShares::isStillShared(const std::string& batch_id, const std::string& user) {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(batch_id);
    if (found == known_.end()) return false;
    found->second.looked_up = Clock::now();
    return includes(found->second.shares, user);
}

bool RemoteShares::empty() {
    const std::lock_guard lock(mutex_);
    return known_.empty();
}

void RemoteShares::ask(const std::string& batch_id) {
    Shares shares = homes_.sharesFromHome(batch_id);
    const std::lock_guard lock(mutex_);
    Known& known = known_[batch_id];
    const auto now = Clock::now();
    if (known.looked_up == Clock::time_point()) known.looked_up = now;
    known.shares = std::move(shares);
    known.answered = now;
}

std::optional<std::string> RemoteShares::dueBatch() {
    const std::lock_guard lock(mutex_);
    const auto now = Clock::now();
    std::erase_if(known_, [&](const auto& one) { return now - one.second.looked_up > kForgotten; });
    for (auto& [id, known] : known_) {
        if (now - known.answered < kFresh) continue;
        known.answered = now;  // also if it does not answer: the next one is not delayed
        return id;
    }
    return std::nullopt;
}

void RemoteShares::askAgain(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    while (!stop.stop_requested()) {
        if (const auto batch_id = dueBatch()) {
            try {
                ask(*batch_id);
            } catch (const Error&) {
                // The home is away. Nothing can be changed there either.
            }
            continue;
        }
        std::unique_lock lock(mutex);
        never.wait_for(lock, stop, kPause, [] { return false; });
    }
}

}  // namespace sheafline
