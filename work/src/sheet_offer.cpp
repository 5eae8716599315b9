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

// "SIGNATURE TOKEN URL": neither of the first two has a blank.
void offerSheets(redis::Connection& redis, const std::string& batch, const SheetOffer& offer,
                 std::chrono::milliseconds lives, const WorkKey& key) {
    redis.run(
        {"SET", offerKey(batch),
         key.sign({"offer", batch, offer.token, offer.url}) + " " + offer.token + " " + offer.url,
         "PX", std::to_string(lives.count())});
}

std::optional<SheetOffer> offeredSheets(redis::Connection& redis, const std::string& batch,
                                        const WorkKey& key) {
    const redis::Reply reply = redis.run({"GET", offerKey(batch)});
    const std::size_t first = reply.text.find(' ');
    const std::size_t second = first == std::string::npos ? first : reply.text.find(' ', first + 1);
    if (reply.isNil() || second == std::string::npos) return std::nullopt;
    SheetOffer offer{.url = reply.text.substr(second + 1),
                     .token = reply.text.substr(first + 1, second - first - 1)};
    const std::string_view signature = std::string_view(reply.text).substr(0, first);
    if (!key.verifies(signature, {"offer", batch, offer.token, offer.url})) return std::nullopt;
    return offer;
}

}  // namespace sheafline::work
