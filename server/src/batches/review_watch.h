// Looks after the batches that wait for people: ends a review that has taken longer than its
// pipeline allows, and keeps the batch's keys in Redis. The thread that keeps house.
#pragma once

#include <string>

#include <sheafline/log.h>

#include "batches/batch_queue.h"
#include "batches/reader_pool.h"
#include "batches/sinks/redis_keys.h"
#include "owner/owner.h"

namespace sheafline {

class ReviewWatch {
 public:
    // `keys` is null without Redis.
    ReviewWatch(Owner& owner, ReaderPool& readers, BatchQueue& queue, RedisKeys* keys, Log& log)
        : owner_(owner), readers_(readers), queue_(queue), keys_(keys), log_(log) {}

    void look();

 private:
    void keepKeys(const std::string& batch_id);

    Owner& owner_;
    ReaderPool& readers_;
    BatchQueue& queue_;
    RedisKeys* const keys_;
    Log& log_;
};

}  // namespace sheafline
