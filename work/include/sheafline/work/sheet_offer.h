// Where workers without access to a batch's folder fetch its sheets. While the batch runs, the
// owning server repeatedly stores its address and a short-lived token in Redis.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <sheafline/redis/connection.h>
#include <sheafline/work/work_key.h>

namespace sheafline::work {

struct SheetOffer {
    std::string url{};  // http://HOST:PORT
    std::string token{};
};

// The batches of all open runs. These functions throw RedisError.
std::vector<std::string> batchesAtWork(redis::Connection& redis);
void offerSheets(redis::Connection& redis, const std::string& batch, const SheetOffer& offer,
                 std::chrono::milliseconds lives, const WorkKey& key);
// Empty if there is no offer, or none signed with `key`.
std::optional<SheetOffer> offeredSheets(redis::Connection& redis, const std::string& batch,
                                        const WorkKey& key);

}  // namespace sheafline::work
