#include "serving/startup.h"

#include "accounts/secret_key.h"
#include "accounts/shared_key.h"
#include "base/clocks.h"
#include "base/units.h"

namespace sheafline {

OwnerOptions ownerOptions(const Settings& settings) {
    return {.folder = DataFolder(settings.data_folder, settings.work_folder, settings.file_group),
            .plugin_folders = settings.plugin_folders,
            .given_plugin_folders = settings.given_plugin_folders,
            .command = "serve",
            .log = settings.serviceLog(),
            .batch_memory_bytes = settings.batch_memory_bytes,
            .set_aside_history = settings.set_aside_history,
            .resumes_batches = true,
            .most_running = settings.serve.max_running};
}

RunLimits runLimits(const ServeSettings& settings) {
    return {.all = settings.max_running, .one_user = settings.user_running};
}

std::filesystem::path keyFile(const Settings& settings) {
    if (!settings.serve.secret_key.empty()) return settings.serve.secret_key;
    DataFolder(settings.data_folder, settings.work_folder).prepare();
    return settings.data_folder / kSecretKeyFile;
}

Tokens tokensOf(const Settings& settings) {
    const std::filesystem::path file = keyFile(settings);
    requireSharedKey(DataFolder(settings.data_folder).history().url, file);
    return Tokens(secretKeyOf(file), oldKeyOf(file));
}

std::unique_ptr<RedisKeys> redisKeysOf(const Settings& settings) {
    if (settings.redis.empty()) return nullptr;
    return std::make_unique<RedisKeys>(
        redis::parseRedisUrl(settings.redis),
        parseDuration(settings.redis_ttl).value_or(std::chrono::hours(1)));
}

SignInClocks signInClocks(AttemptLog& attempts) {
    return {.wall_seconds = [] { return wallMs() / 1000; },
            .steady_ms = [&attempts] { return attempts.nowMs(); }};
}

SignInTimes signInTimes(const ServeSettings& settings) {
    return {.token_seconds = settings.token_hours * kHourSeconds};
}

}  // namespace sheafline
