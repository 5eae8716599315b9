// Tells workers on other hosts where to fetch the sheets of this server's batches: stores its
// address and a token for one batch in Redis while workers need them. Starts in the constructor.
#pragma once

#include <optional>
#include <string>
#include <thread>

#include <sheafline/log.h>
#include <sheafline/work/sheet_offer.h>

#include "accounts/tokens.h"
#include "batches/reader_pool.h"

namespace sheafline {

class WorkOffers {
 public:
    // `url` is the address at which other hosts reach this server.
    WorkOffers(redis::RedisUrl redis, std::string url, const Tokens& tokens, ReaderPool& readers,
               Log& log);

 private:
    void offer(redis::Connection& redis, std::optional<work::WorkKey>& key);
    void run(const std::stop_token& stop);

    const redis::RedisUrl redis_;
    const std::string url_;
    const Tokens& tokens_;
    ReaderPool& readers_;
    Log& log_;
    std::jthread thread_;
};

}  // namespace sheafline
