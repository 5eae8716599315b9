// The batches of all servers of one Redis: what the hub of the event streams may read of them.
// Outlives the hub.
#pragma once

#include <sheafline/redis/redis_url.h>

#include "neighbours/homes.h"
#include "neighbours/redis_batches.h"
#include "neighbours/remote_events.h"
#include "neighbours/remote_shares.h"

namespace sheafline {

struct SharedBatches {
    SharedBatches(redis::RedisUrl url, const Tokens& tokens, std::vector<std::string> servers,
                  const TlsFiles& files)
        : batches(std::move(url)),
          homes(batches, tokens, std::move(servers), files),
          events(batches, homes),
          shares(homes) {}

    RedisBatches batches;
    Homes homes;
    RemoteEvents events;
    RemoteShares shares;  // last: its thread uses the homes
};

}  // namespace sheafline
