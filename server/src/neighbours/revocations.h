// Tells every server which sessions have ended: the server with the accounts publishes, all servers
// subscribe. Redis keeps them in `sheafline:revoked` (a sorted set: the hash of the session, scored
// by the time after which none of its tokens can be valid) and publishes each on the channel of the
// same name. Thread-safe. A server remembers what it received until then, even if Redis forgets it;
// the server with the accounts publishes again what Redis forgot.
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
    // `ended` is called with each session that is received, on a separate thread.
    Revocations(const redis::RedisUrl& url, std::function<void(const std::string& session)> ended,
                Log& log);

    bool has(const std::string& session);  // the hash of its id, here and below
    std::int64_t revision() const { return revision_; }

    // Throws RedisError; the other servers then do not know.
    void tell(const std::string& session, std::int64_t until);
    // The same for all sessions that ended in the accounts since the last call, and for all of them
    // if Redis may have forgotten them. Once a second, from one thread. Returns whether Redis
    // accepted it.
    bool tellNews(AccountStore& accounts, std::int64_t now);
    void forget(std::int64_t now);  // removes sessions without valid tokens

    // Whether the subscription works now.
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
    std::int64_t told_ = 0;         // used only by tellNews()
    std::atomic<std::int64_t> revision_ = 0;
    std::atomic<bool> forgotten_ = true;
    std::atomic<bool> heard_ = false;

    redis::Subscriber subscriber_;  // last: it calls into all of the above
};

}  // namespace sheafline
