#include "accounts/api_tokens/api_token_store.h"

#include <sstream>

#include <sheafline/error.h>

#include "accounts/account_schema.h"
#include "accounts/random_id.h"
#include "base/sql/statement.h"
#include "base/sql/transaction.h"

namespace sheafline {

namespace {

constexpr std::int64_t kMostOfOneUser = 100;
constexpr std::int64_t kUseSeconds = 60;
constexpr std::string_view kSession = "token:";
constexpr const char* kColumns =
    "id, api_tokens.\"user\", api_tokens.name, scopes, api_tokens.created_at, expires_at, "
    "last_used_at";

std::string textOf(const Scopes& scopes) {
    std::string text;
    for (const std::string& name : namesOf(scopes)) text += (text.empty() ? "" : " ") + name;
    return text;
}

Scopes scopesIn(const std::string& text) {
    std::istringstream in(text);
    std::vector<std::string> names;
    for (std::string name; in >> name;) names.push_back(name);
    return scopesNamed(names).value_or(Scopes{});
}

ApiToken tokenIn(const sql::Statement& row) {
    return {.id = row.text(0),
            .user = row.text(1),
            .name = row.text(2),
            .scopes = scopesIn(row.text(3)),
            .created_at = row.integer(4),
            .expires_at = row.integer(5),
            .last_used_at = row.integer(6)};
}

User userIn(const sql::Statement& row, int first) {
    return {.name = row.text(first), .role = roleNamed(row.text(first + 1)).value_or(Role::viewer)};
}

}  // namespace

std::string sessionOfToken(std::string_view id) { return std::string(kSession).append(id); }

std::string_view tokenOfSession(std::string_view session) {
    return session.starts_with(kSession) ? session.substr(kSession.size()) : std::string_view();
}

ApiTokenStore::ApiTokenStore(const sql::Place& accounts) : database_(openAccounts(accounts)) {}

MadeApiToken ApiTokenStore::add(const NewApiToken& token, std::int64_t now) {
    MadeApiToken made{.token = {.id = randomId(),
                                .user = token.user,
                                .name = token.name,
                                .scopes = token.scopes,
                                .created_at = now,
                                .expires_at = token.expires_at},
                      .text = std::string(kApiTokenPrefix) + randomId() + randomId()};
    const std::lock_guard lock(mutex_);
    sql::transact(*database_, [&] { insert(made, token, now); });
    return made;
}

void ApiTokenStore::insert(const MadeApiToken& made, const NewApiToken& token, std::int64_t now) {
    lockAccounts(*database_);
    sql::Statement count(*database_, "SELECT count(*) FROM api_tokens WHERE \"user\" = ?1");
    count.bind(1, token.user).step();
    const std::int64_t there = count.integer(0);
    count.run();
    if (there >= kMostOfOneUser)
        throw Error(ErrorClass::permanent, "TOO_MANY_TOKENS",
                    "a user has at most " + std::to_string(kMostOfOneUser) +
                        " tokens; remove those that are no longer used");
    sql::Statement(
        *database_,
        "INSERT INTO api_tokens(id, hash, \"user\", name, scopes, created_at, expires_at) "
        "SELECT ?1, ?2, name, ?4, ?5, ?6, ?7 FROM users WHERE name = ?3 AND removed = 0")
        .bind(1, made.token.id)
        .bind(2, hashOfId(made.text))
        .bind(3, token.user)
        .bind(4, token.name)
        .bind(5, textOf(token.scopes))
        .bind(6, now)
        .bind(7, token.expires_at)
        .run();
    if (database_->changes() != 1)
        throw Error(ErrorClass::permanent, "NO_SUCH_USER", "there is no user " + token.user);
}

std::vector<ApiToken> ApiTokenStore::list(std::string_view user) {
    const std::lock_guard lock(mutex_);
    sql::Statement rows(*database_, std::string("SELECT ") + kColumns +
                                        " FROM api_tokens WHERE ?1 = '' OR \"user\" = ?1 "
                                        "ORDER BY created_at DESC, id");
    rows.bind(1, user);
    std::vector<ApiToken> tokens;
    while (rows.step()) tokens.push_back(tokenIn(rows));
    return tokens;
}

bool ApiTokenStore::remove(std::string_view id, std::string_view user) {
    const std::lock_guard lock(mutex_);
    return sql::transact(*database_, [&] {
        lockAccounts(*database_);
        sql::Statement(*database_,
                       "DELETE FROM api_tokens WHERE id = ?1 AND (?2 = '' OR \"user\" = ?2)")
            .bind(1, id)
            .bind(2, user)
            .run();
        return database_->changes() == 1;
    });
}

std::optional<TokenUser> ApiTokenStore::find(std::string_view text, std::int64_t now) {
    const std::lock_guard lock(mutex_);
    sql::Statement row(*database_,
                       std::string("SELECT ") + kColumns +
                           ", users.name, role FROM api_tokens JOIN users ON users.name = \"user\" "
                           "WHERE hash = ?1 AND (expires_at = 0 OR expires_at > ?2) AND "
                           "disabled = 0 AND removed = 0");
    if (!row.bind(1, hashOfId(text)).bind(2, now).step()) return std::nullopt;
    TokenUser found{.token = tokenIn(row), .user = userIn(row, 7)};
    row.run();
    if (now - found.token.last_used_at >= kUseSeconds)
        sql::Statement(*database_, "UPDATE api_tokens SET last_used_at = ?2 WHERE id = ?1")
            .bind(1, found.token.id)
            .bind(2, now)
            .run();
    return found;
}

std::optional<User> ApiTokenStore::userOf(std::string_view id, std::int64_t now) {
    const std::lock_guard lock(mutex_);
    sql::Statement row(
        *database_,
        "SELECT users.name, role FROM api_tokens JOIN users ON users.name = \"user\" "
        "WHERE id = ?1 AND (expires_at = 0 OR expires_at > ?2) AND "
        "disabled = 0 AND removed = 0");
    if (!row.bind(1, id).bind(2, now).step()) return std::nullopt;
    User user = userIn(row, 0);
    row.run();
    return user;
}

}  // namespace sheafline
