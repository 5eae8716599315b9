// Looks after the batches that wait for people: ends a review that has taken longer than its
// pipeline allows, and keeps the batch's keys in Redis. The thread that keeps house.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include <sheafline/log.h>

#include "batches/batch_queue.h"
#include "batches/reader_pool.h"
#include "owner/owner.h"

namespace sheafline {

class ReviewWatch {
 public:
    // Renews the keys of a batch in Redis, and returns false if some of them no longer exist. Empty
    // without Redis.
    using Renew = std::function<bool(const std::string& batch_id)>;

    ReviewWatch(Owner& owner, ReaderPool& readers, BatchQueue& queue, Renew renew, Log& log)
        : owner_(owner), readers_(readers), queue_(queue), renew_(std::move(renew)), log_(log) {}

    void look();

 private:
    void keepKeys(const std::string& batch_id);

    Owner& owner_;
    ReaderPool& readers_;
    BatchQueue& queue_;
    const Renew renew_;
    Log& log_;
};

}  // namespace sheafline
