#include "serving/stream_rights.h"

#include <map>
#include <string>
#include <utility>

#include "accounts/sign_in.h"
#include "base/clocks.h"
#include "history/shares/share_rows.h"
#include "streams/watcher.h"

namespace sheafline {

namespace {

constexpr std::int64_t kLongestStreamSeconds = 12 * kHourSeconds;

bool isStillShared(const StreamRights::Parts& parts, const Watcher& watcher) {
    return ShareReader(parts.readers.take()->database())
        .sharedWith(watcher.shared_batch, watcher.user);
}

}  // namespace

StreamRights::StreamRights(const Parts& parts)
    : parts_(parts), sessions_(parts.sign_in.revision()), shares_(shareRevision()) {}

void StreamRights::look(bool sweep) {
    const std::int64_t sessions = parts_.sign_in.revision();
    if (sessions != std::exchange(sessions_, sessions) || sweep) {
        dropSharesOfRemovedUsers();
        closeEnded(sweep);
    }
    const std::int64_t shares = shareRevision();
    if (shares != std::exchange(shares_, shares)) closeUnshared();
}

std::int64_t StreamRights::shareRevision() {
    return ShareReader(parts_.readers.take()->database()).revision();
}

void StreamRights::dropSharesOfRemovedUsers() {
    const auto history = parts_.readers.take();
    ShareReader reader(history->database());
    for (const std::string& user : reader.users()) {
        if (parts_.accounts.credentials(user)) continue;
        for (const std::string& batch_id : reader.batchesOf(user)) {
            Shares left = reader.of(batch_id);
            std::erase(left.users, user);
            parts_.owner.history().commit(
                {.batch_id = batch_id, .shares = NewShares{.shares = left}});
        }
    }
}

void StreamRights::closeUnshared() {
    parts_.hub.revoke([parts = parts_](const std::string& principal) {
        const Watcher watcher = Watcher::ofPrincipal(principal);
        return !watcher.shared_batch.empty() && !isStillShared(parts, watcher);
    });
}

// A stream continues when its token expires, but not when its session has ended or after twelve
// hours.
void StreamRights::closeEnded(bool aged_too) {
    std::map<std::string, bool> open;  // each session is looked up once
    const std::int64_t now = wallMs() / 1000;
    const auto ended = [parts = parts_, aged_too, now, open](const std::string& principal) mutable {
        const Watcher watcher = Watcher::ofPrincipal(principal);
        if (aged_too && now - watcher.opened_at > kLongestStreamSeconds) return true;
        const auto known = open.find(watcher.session);
        if (known != open.end()) return !known->second;
        const bool lives = parts.sign_in.isOpen({.session = watcher.session});
        open.emplace(watcher.session, lives);
        return !lives;
    };
    parts_.hub.revoke(ended);
    parts_.list.revoke(ended);
}

}  // namespace sheafline
