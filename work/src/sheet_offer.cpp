#include <sheafline/work/sheet_offer.h>
#include <sheafline/work/work_order.h>

#include "work_keys.h"

namespace sheafline::work {

std::vector<std::string> batchesAtWork(redis::Connection& redis) {
    std::vector<std::string> batches;
    for (const redis::Reply& run : redis.run({"SMEMBERS", kRunsKey}).items)
        batches.push_back(batchOf(run.text));
    return batches;
}

// A token has no blanks.
void offerSheets(redis::Connection& redis, const std::string& batch, const SheetOffer& offer,
                 std::chrono::milliseconds lives) {
    redis.run({"SET", offerKey(batch), offer.token + " " + offer.url, "PX",
               std::to_string(lives.count())});
}

std::optional<SheetOffer> offeredSheets(redis::Connection& redis, const std::string& batch) {
    const redis::Reply reply = redis.run({"GET", offerKey(batch)});
    const std::size_t blank = reply.text.find(' ');
    if (reply.isNil() || blank == std::string::npos) return std::nullopt;
    return SheetOffer{.url = reply.text.substr(blank + 1), .token = reply.text.substr(0, blank)};
}

}  // namespace sheafline::work
