// Tokens for programs, among the accounts: each belongs to a user, has a name, scopes and an end,
// and is shown once. The database has only its hash. Any thread, and any process. Throws Error
// (NO_SUCH_USER, TOO_MANY_TOKENS) and the errors of the database.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/account_store.h"
#include "accounts/api_tokens/scopes.h"
#include "base/sql/database.h"
#include "base/sql/place.h"

namespace sheafline {

inline constexpr std::string_view kApiTokenPrefix = "sft_";

struct ApiToken {
    std::string id{};  // not secret: it names the token in lists
    std::string user{};
    std::string name{};
    Scopes scopes{};
    std::int64_t created_at = 0;
    std::int64_t expires_at = 0;    // 0: never
    std::int64_t last_used_at = 0;  // 0: never; within a minute
};

struct NewApiToken {
    std::string user{};
    std::string name{};
    Scopes scopes{};
    std::int64_t expires_at = 0;
};

struct MadeApiToken {
    ApiToken token{};
    std::string text{};  // shown once
};

struct TokenUser {
    ApiToken token{};
    User user{};
};

class ApiTokenStore {
 public:
    explicit ApiTokenStore(const sql::Place& accounts);

    MadeApiToken add(const NewApiToken& token, std::int64_t now);
    // Of one user, or of all if `user` is empty; the newest first.
    std::vector<ApiToken> list(std::string_view user);
    // False if there is no such token; of this user, unless `user` is empty.
    bool remove(std::string_view id, std::string_view user);
    // The token and its user, if both are valid now; notes the use.
    std::optional<TokenUser> find(std::string_view text, std::int64_t now);
    // The user of a token that is still valid.
    std::optional<User> userOf(std::string_view id, std::int64_t now);

 private:
    void insert(const MadeApiToken& made, const NewApiToken& token, std::int64_t now);

    std::mutex mutex_;
    const std::unique_ptr<sql::Database> database_;  // guarded by mutex_
};

// Identities of API tokens have no session; this stands in its place, so that streams end with the
// token.
std::string sessionOfToken(std::string_view id);
std::string_view tokenOfSession(std::string_view session);  // empty if it is a session

}  // namespace sheafline
