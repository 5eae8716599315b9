// Accounts in a temporary folder, with clocks that a test sets and hashes that cost nothing.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "accounts/account_store.h"
#include "accounts/password_hasher.h"
#include "accounts/secret_key.h"
#include "accounts/sign_in.h"
#include "accounts/throttle/attempt_log.h"
#include "accounts/tokens.h"
#include "history_place.h"
#include "temporary_folder.h"

namespace sheafline {

inline constexpr HashCost kCheap{.passes = 1, .memory_bytes = 8192};
inline constexpr const char* kAddress = "192.0.2.7";

struct AccountsFixture {
    TemporaryFolder folder{};
    std::atomic<std::int64_t> now{1'800'000'000};
    AccountStore store{test::databasePlace(folder, "accounts.db")};
    PasswordHasher hasher{kCheap};
    Tokens tokens{secretKeyOf(folder / "secret.key")};
    ApiTokenStore api_tokens{test::databasePlace(folder, "accounts.db")};
    std::unique_ptr<AttemptLog> attempts =
        attemptsBeside(test::databasePlace(folder, "accounts.db"));
    SignIn sign_in{store,
                   api_tokens,
                   hasher,
                   tokens,
                   *attempts,
                   SignInClocks{.wall_seconds = [this] { return now.load(); },
                                .steady_ms = [this] { return now.load() * 1000; }}};

    void addUser(const std::string& name, Role role = Role::operator_) {
        store.add(name, role, hasher.hash(passwordOf(name)), now);
    }
    static std::string passwordOf(const std::string& name) { return name + " has a password"; }
    std::string tokenOf(const std::string& name) {
        return sign_in.login(name, passwordOf(name), kAddress).token;
    }
};

}  // namespace sheafline
