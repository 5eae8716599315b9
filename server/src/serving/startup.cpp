#include "serving/startup.h"

#include "accounts/secret_key.h"
#include "accounts/sign_in.h"
#include "base/clocks.h"
#include "neighbours/shared_sign_in.h"

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

std::unique_ptr<SessionDesk> signInOf(const Settings& settings, AccountStore& accounts,
                                      ApiTokenStore& api_tokens, PasswordHasher& hasher,
                                      const Tokens& tokens, Revocations* revocations) {
    if (settings.serve.accounts_url.empty())
        return std::make_unique<SignIn>(
            accounts, api_tokens, hasher, tokens,
            SignInClocks{.wall_seconds = [] { return wallMs() / 1000; }, .steady_ms = bootMs},
            SignInTimes{.token_seconds = settings.serve.token_hours * kHourSeconds});
    if (revocations == nullptr)
        throw ConfigError(
            "accounts-url requires redis as well: through it this server learns which sessions "
            "have ended");
    return std::make_unique<SharedSignIn>(settings.serve.accounts_url, tokens, *revocations,
                                          settings.tls);
}

}  // namespace sheafline
