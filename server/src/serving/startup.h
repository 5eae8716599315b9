// What the server makes of its settings when it starts.
#pragma once

#include <filesystem>
#include <memory>

#include "accounts/account_store.h"
#include "accounts/api_tokens/api_token_store.h"
#include "accounts/password_hasher.h"
#include "accounts/session_desk.h"
#include "accounts/tokens.h"
#include "batches/batch_queue.h"
#include "neighbours/revocations.h"
#include "owner/owner.h"
#include "settings/settings.h"

namespace sheafline {

OwnerOptions ownerOptions(const Settings& settings);
RunLimits runLimits(const ServeSettings& settings);
std::filesystem::path keyFile(const Settings& settings);
// `revocations` is null without Redis. Throws ConfigError if accounts-url is set without Redis.
std::unique_ptr<SessionDesk> signInOf(const Settings& settings, AccountStore& accounts,
                                      ApiTokenStore& api_tokens, PasswordHasher& hasher,
                                      const Tokens& tokens, Revocations* revocations);

}  // namespace sheafline
