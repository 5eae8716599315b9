// What the server makes of its settings when it starts.
#pragma once

#include <filesystem>
#include <memory>

#include "accounts/sign_in.h"
#include "batches/batch_queue.h"
#include "batches/sinks/redis_keys.h"
#include "owner/owner.h"
#include "settings/settings.h"

namespace sheafline {

OwnerOptions ownerOptions(const Settings& settings);
RunLimits runLimits(const ServeSettings& settings);
std::filesystem::path keyFile(const Settings& settings);
// Throws Error (SECRET_KEY) if the other servers of the history have another key.
Tokens tokensOf(const Settings& settings);
std::unique_ptr<RedisKeys> redisKeysOf(const Settings& settings);  // null without Redis
SignInClocks signInClocks(AttemptLog& attempts);
SignInTimes signInTimes(const ServeSettings& settings);

}  // namespace sheafline
