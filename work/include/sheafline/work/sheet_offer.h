// Where workers that do not see a batch's folder fetch its sheets: the owning server puts its
// address and a short-lived token there, again and again while the batch runs.
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

// Of the open runs of all batches; throw RedisError.
std::vector<std::string> batchesAtWork(redis::Connection& redis);
void offerSheets(redis::Connection& redis, const std::string& batch, const SheetOffer& offer,
                 std::chrono::milliseconds lives, const WorkKey& key);
// Nothing if there is no offer, or none that `key` signed.
std::optional<SheetOffer> offeredSheets(redis::Connection& redis, const std::string& batch,
                                        const WorkKey& key);

}  // namespace sheafline::work
