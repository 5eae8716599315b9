#include "batches/sinks/redis_keys.h"

#include <utility>
#include <vector>

#include <sheafline/redis/progress_keys.h>

namespace sheafline {

RedisKeys::RedisKeys(redis::RedisUrl url, std::chrono::milliseconds ttl)
    : ttl_(ttl), connection_({.url = std::move(url), .name = "sheafline-keys"}) {}

bool RedisKeys::renew(const std::string& batch_id) {
    if (std::chrono::steady_clock::now() < blocked_until_) return true;
    const redis::ProgressKeys keys(batch_id);
    std::vector<redis::Command> commands;
    for (const std::string& key : {keys.current, keys.log, keys.started_at, keys.meta})
        commands.push_back({"PEXPIRE", key, std::to_string(ttl_.count())});
    try {
        bool all = true;
        for (const redis::Reply& reply : connection_.pipeline(commands))
            all = connection_.checked(reply).integer == 1 && all;
        backoff_.reset();
        return all;
    } catch (const redis::RedisError&) {
        blocked_until_ = std::chrono::steady_clock::now() + backoff_.next();
        return true;
    }
}

}  // namespace sheafline
