// The password of an account, and its open sessions.
#include "accounts/account_schema.h"
#include "accounts/account_store.h"
#include "base/sql/statement.h"
#include "base/sql/transaction.h"

namespace sheafline {

bool AccountStore::changePassword(std::string_view name, const PasswordChange& change) {
    const std::lock_guard lock(mutex_);
    return sql::transact(*database_, [&] {
        lockAccounts(*database_);
        sql::Statement(*database_,
                       "UPDATE users SET password_hash = ?3, must_change = 0 WHERE name = ?1 AND "
                       "password_hash = ?2 AND disabled = 0 AND removed = 0")
            .bind(1, name)
            .bind(2, change.old_hash)
            .bind(3, change.new_hash)
            .run();
        if (database_->changes() != 1) return false;
        sql::Statement(*database_, "DELETE FROM sessions WHERE \"user\" = ?1 AND session != ?2")
            .bind(1, name)
            .bind(2, change.kept_session)
            .run();
        return true;
    });
}

std::vector<OpenSession> AccountStore::sessionsOf(std::string_view name, std::int64_t now) {
    const std::lock_guard lock(mutex_);
    sql::Statement rows(*database_,
                        "SELECT session, address, opened_at, refreshed_at, expires_at FROM "
                        "sessions WHERE \"user\" = ?1 AND expires_at > ?2 ORDER BY opened_at DESC, "
                        "session");
    rows.bind(1, name).bind(2, now);
    std::vector<OpenSession> sessions;
    while (rows.step())
        sessions.push_back({.session = rows.text(0),
                            .address = rows.text(1),
                            .opened_at = rows.integer(2),
                            .refreshed_at = rows.integer(3),
                            .expires_at = rows.integer(4)});
    return sessions;
}

bool AccountStore::endOf(std::string_view name, const std::string& session) {
    const std::lock_guard lock(mutex_);
    return sql::transact(*database_, [&] {
        lockAccounts(*database_);
        sql::Statement(*database_, "DELETE FROM sessions WHERE \"user\" = ?1 AND session = ?2")
            .bind(1, name)
            .bind(2, session)
            .run();
        return database_->changes() == 1;
    });
}

int AccountStore::endAllOf(std::string_view name) {
    const std::lock_guard lock(mutex_);
    return sql::transact(*database_, [&] {
        lockAccounts(*database_);
        sql::Statement(*database_, "DELETE FROM sessions WHERE \"user\" = ?1").bind(1, name).run();
        return static_cast<int>(database_->changes());
    });
}

}  // namespace sheafline
