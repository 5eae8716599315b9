// The sessions that ended, on every server: the one with the accounts tells, all hear. Redis keeps
// them in `sheafline:revoked` (a sorted set: the hash of the session, by when nothing of it can be
// alive any more) and publishes each on the channel of that name. Thread-safe. What was heard once
// is known until then, whatever Redis forgets; what it forgot is told again by the accounts'
// server.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <sheafline/log.h>
#include <sheafline/redis/connection.h>
#include <sheafline/redis/subscriber.h>

#include "accounts/account_store.h"

namespace sheafline {

class Revocations {
 public:
    // `ended` is called with each session that is heard of, on a thread of its own.
    Revocations(const redis::RedisUrl& url, std::function<void(const std::string& session)> ended,
                Log& log);

    bool has(const std::string& session);  // the hash of its id, here and below
    std::int64_t revision() const { return revision_; }

    // Throws RedisError: then the other servers do not know.
    void tell(const std::string& session, std::int64_t until);
    // The same for all that ended in the accounts since the last call, and for all of them after
    // Redis may have forgotten. Once a second, from one thread. Gives whether Redis took it.
    bool tellNews(AccountStore& accounts, std::int64_t now);
    void forget(std::int64_t now);  // those of which nothing can be alive

    // Whether news come at this time.
    bool heard() const { return heard_; }

 private:
    void onHeard();
    void onMessage(std::string_view message);
    void add(const std::string& session, std::int64_t until);

    const std::function<void(const std::string&)> ended_;
    std::mutex mutex_;
    std::unordered_map<std::string, std::int64_t> until_;  // guarded by mutex_
    std::mutex connection_mutex_;
    redis::Connection connection_;  // guarded by connection_mutex_
    std::int64_t told_ = 0;         // of tellNews() alone
    std::atomic<std::int64_t> revision_ = 0;
    std::atomic<bool> forgotten_ = true;
    std::atomic<bool> heard_ = false;

    redis::Subscriber subscriber_;  // last: it calls into all of the above
};

}  // namespace sheafline
