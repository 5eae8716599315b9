// Tells workers on other hosts where they fetch the sheets of this server's batches: its address
// and a token for one batch, in Redis, as long as workers are at it. Works once constructed.
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
    // `url`: where this server is reached by other hosts.
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
