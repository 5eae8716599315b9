#include "accounts/account_store.h"

#include <algorithm>

#include <sheafline/error.h>

#include "accounts/account_schema.h"
#include "base/sql/statement.h"
#include "base/sql/transaction.h"

namespace sheafline {

namespace {

User userOf(const sql::Statement& row, int first) {
    return {.name = row.text(first),
            .role = roleNamed(row.text(first + 1)).value_or(Role::viewer),
            .disabled = row.integer(first + 2) != 0,
            .created_at = row.integer(first + 3),
            .must_change = row.integer(first + 4) != 0};
}

}  // namespace

void requireUserName(std::string_view name) {
    const auto isOneOf = [](unsigned char c, std::string_view others) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               others.find(static_cast<char>(c)) != std::string_view::npos;
    };
    if (!name.empty() && name.size() <= 64 && isOneOf(static_cast<unsigned char>(name[0]), "") &&
        std::ranges::all_of(name, [&](unsigned char c) { return isOneOf(c, "._@+-"); })) {
        return;
    }
    throw Error(ErrorClass::permanent, "USER_NAME",
                "a user's name has 1 to 64 letters, digits and . _ @ + -, and begins with a letter "
                "or digit");
}

struct AccountStore::Statements {
    explicit Statements(sql::Database& database)
        : add(database,
              "INSERT INTO users(name, role, password_hash, created_at, must_change) "
              "VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING"),
          find(database,
               "SELECT name, role, disabled, created_at, must_change, password_hash FROM users "
               "WHERE name = ?1 AND removed = 0"),
          open(database,
               "INSERT INTO sessions(session, \"user\", opened_at, refreshed_at, expires_at, "
               "address) "
               "SELECT ?1, name, ?2, ?2, ?3, ?6 FROM users "
               "WHERE name = ?4 AND password_hash = ?5 AND disabled = 0 AND removed = 0"),
          make_room(
              database,
              "DELETE FROM sessions WHERE session IN (SELECT session FROM sessions "
              "WHERE \"user\" = ?1 ORDER BY opened_at DESC, session LIMIT 1000000 OFFSET ?2)"),
          session(
              database,
              "SELECT name, role, disabled, created_at, must_change, generation, opened_at, "
              "refreshed_at, expires_at FROM sessions JOIN users ON name = \"user\" WHERE session "
              "= ?1"),
          refresh(database,
                  "UPDATE sessions SET generation = generation + 1, refreshed_at = ?3, "
                  "expires_at = ?4 WHERE session = ?1 AND generation = ?2"),
          revision(database, "SELECT number FROM revision") {}

    sql::Statement add, find, open, make_room, session, refresh, revision;
};

AccountStore::AccountStore(const sql::Place& place, int sessions_per_user)
    : sessions_per_user_(sessions_per_user),
      database_(openAccounts(place)),
      statements_(std::make_unique<Statements>(*database_)) {}

AccountStore::~AccountStore() = default;

void AccountStore::add(std::string_view name, Role role, const std::string& password_hash,
                       std::int64_t now, PasswordKind kind) {
    requireUserName(name);
    const std::lock_guard lock(mutex_);
    statements_->add.bind(1, name)
        .bind(2, toString(role))
        .bind(3, password_hash)
        .bind(4, now)
        .bind(5, kind == PasswordKind::given ? 1 : 0)
        .run();
    if (database_->changes() == 1) return;
    throw Error(ErrorClass::permanent, "USER_EXISTS",
                "there is or was a user " + std::string(name) + "; a name is never used again");
}

bool AccountStore::addFirst(std::string_view name, Role role, const std::string& password_hash,
                            std::int64_t now, PasswordKind kind) {
    const std::lock_guard lock(mutex_);
    return sql::transact(*database_, [&] {
        lockAccounts(*database_);
        if (sql::integerOf(*database_, "SELECT EXISTS(SELECT 1 FROM users)") != 0) return false;
        statements_->add.bind(1, name)
            .bind(2, toString(role))
            .bind(3, password_hash)
            .bind(4, now)
            .bind(5, kind == PasswordKind::given ? 1 : 0)
            .run();
        return true;
    });
}

void AccountStore::setPassword(std::string_view name, const std::string& password_hash) {
    const std::lock_guard lock(mutex_);
    sql::Statement set(*database_,
                       "UPDATE users SET password_hash = ?2, must_change = 0 "
                       "WHERE name = ?1 AND removed = 0");
    set.bind(2, password_hash);
    change(name, set);
}

void AccountStore::setRole(std::string_view name, Role role) { update(name, {.role = role}); }

void AccountStore::update(std::string_view name, const UserChange& changed) {
    const std::lock_guard lock(mutex_);
    sql::Statement set(*database_,
                       "UPDATE users SET password_hash = COALESCE(?2, password_hash), "
                       "role = COALESCE(?3, role), disabled = COALESCE(?4, disabled), "
                       "must_change = COALESCE(?5, must_change) "
                       "WHERE name = ?1 AND removed = 0");
    if (changed.password_hash) set.bind(2, *changed.password_hash);
    if (changed.role) set.bind(3, toString(*changed.role));
    if (changed.disabled) set.bind(4, std::int64_t{*changed.disabled ? 1 : 0});
    if (changed.password_hash)
        set.bind(5, std::int64_t{changed.password_kind == PasswordKind::given ? 1 : 0});
    change(name, set);
}

void AccountStore::disable(std::string_view name) { update(name, {.disabled = true}); }

void AccountStore::remove(std::string_view name) {
    const std::lock_guard lock(mutex_);
    sql::Statement set(
        *database_,
        "UPDATE users SET removed = 1, password_hash = '' WHERE name = ?1 AND removed = 0");
    change(name, set);
}

void AccountStore::enable(std::string_view name) { update(name, {.disabled = false}); }

// Changes one user and ends its sessions in one transaction.
void AccountStore::change(std::string_view name, sql::Statement& statement) {
    sql::transact(*database_, [&] {
        lockAccounts(*database_);
        const bool had_admin = hasAdmin();
        statement.bind(1, name).run();
        if (database_->changes() != 1) {
            throw Error(ErrorClass::permanent, "NO_SUCH_USER",
                        "there is no user " + std::string(name));
        }
        sql::Statement(*database_, "DELETE FROM sessions WHERE \"user\" = ?1").bind(1, name).run();
        if (had_admin && !hasAdmin()) {
            throw Error(ErrorClass::permanent, "LAST_ADMIN",
                        "this is the last admin; add another first");
        }
    });
}

bool AccountStore::hasAdmin() {
    sql::Statement admins(
        *database_,
        "SELECT EXISTS(SELECT 1 FROM users WHERE role = 'admin' AND disabled = 0 AND "
        "removed = 0)");
    admins.step();
    return admins.integer(0) == 1;
}

std::vector<User> AccountStore::users() {
    const std::lock_guard lock(mutex_);
    sql::Statement rows(
        *database_,
        "SELECT name, role, disabled, created_at, must_change FROM users WHERE removed = 0 "
        "ORDER BY name");
    std::vector<User> users;
    while (rows.step()) users.push_back(userOf(rows, 0));
    return users;
}

std::optional<Credentials> AccountStore::credentials(std::string_view name) {
    const std::lock_guard lock(mutex_);
    sql::Statement& row = statements_->find;
    if (!row.bind(1, name).step()) return std::nullopt;
    Credentials credentials{.user = userOf(row, 0), .password_hash = row.text(5)};
    row.run();
    return credentials;
}

void AccountStore::replaceHash(std::string_view name, const std::string& old_hash,
                               const std::string& new_hash) {
    const std::lock_guard lock(mutex_);
    sql::Statement(*database_,
                   "UPDATE users SET password_hash = ?3 WHERE name = ?1 AND password_hash = ?2")
        .bind(1, name)
        .bind(2, old_hash)
        .bind(3, new_hash)
        .run();
}

bool AccountStore::open(const NewSession& session, std::string_view name,
                        const std::string& verified_hash) {
    const std::lock_guard lock(mutex_);
    return sql::transact(*database_, [&] {
        lockAccounts(*database_);
        statements_->open.bind(1, session.session).bind(2, session.opened_at);
        statements_->open.bind(3, session.expires_at).bind(4, name).bind(5, verified_hash);
        statements_->open.bind(6, session.address).run();
        if (database_->changes() != 1) return false;
        statements_->make_room.bind(1, name).bind(2, sessions_per_user_).run();
        return true;
    });
}

std::optional<Session> AccountStore::find(const std::string& session) {
    const std::lock_guard lock(mutex_);
    sql::Statement& row = statements_->session;
    if (!row.bind(1, session).step()) return std::nullopt;
    Session found{.user = userOf(row, 0),
                  .generation = row.integer(5),
                  .opened_at = row.integer(6),
                  .refreshed_at = row.integer(7),
                  .expires_at = row.integer(8)};
    row.run();
    return found;
}

bool AccountStore::refresh(const std::string& session, std::int64_t generation, std::int64_t now,
                           std::int64_t expires_at) {
    const std::lock_guard lock(mutex_);
    statements_->refresh.bind(1, session).bind(2, generation).bind(3, now);
    statements_->refresh.bind(4, expires_at).run();
    return database_->changes() == 1;
}

void AccountStore::end(const std::string& session) {
    const std::lock_guard lock(mutex_);
    sql::transact(*database_, [&] {
        lockAccounts(*database_);
        sql::Statement(*database_, "DELETE FROM sessions WHERE session = ?1")
            .bind(1, session)
            .run();
    });
}

void AccountStore::forgetExpired(std::int64_t expired_before) {
    const std::lock_guard lock(mutex_);
    sql::transact(*database_, [&] {
        lockAccounts(*database_);
        sql::Statement(*database_, "DELETE FROM sessions WHERE expires_at < ?1")
            .bind(1, expired_before)
            .run();
    });
    if (database_->dialect().kind != "sqlite") return;  // there, no other server has copies
    sql::Statement(*database_, "DELETE FROM ended WHERE until < ?1").bind(1, expired_before).run();
}

std::int64_t AccountStore::revision() {
    const std::lock_guard lock(mutex_);
    statements_->revision.step();
    const std::int64_t number = statements_->revision.integer(0);
    statements_->revision.run();
    return number;
}

}  // namespace sheafline
