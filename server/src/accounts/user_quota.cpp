// The quota of one user, where it differs from the server's settings.
#include <sheafline/error.h>

#include "accounts/account_store.h"
#include "base/sql/statement.h"

namespace sheafline {

namespace {

std::optional<std::uint64_t> limitIn(const sql::Statement& row, int column) {
    if (row.isNull(column)) return std::nullopt;
    return static_cast<std::uint64_t>(row.integer(column));
}

}  // namespace

UserQuota AccountStore::quotaOf(std::string_view name) {
    const std::lock_guard lock(mutex_);
    sql::Statement row(*database_,
                       "SELECT max_bytes, max_uploads FROM users WHERE name = ?1 AND removed = 0");
    if (!row.bind(1, name).step()) return {};
    return {.bytes = limitIn(row, 0), .uploads = limitIn(row, 1)};
}

void AccountStore::setQuota(std::string_view name, const UserQuota& quota) {
    const std::lock_guard lock(mutex_);
    sql::Statement set(*database_,
                       "UPDATE users SET max_bytes = ?2, max_uploads = ?3 "
                       "WHERE name = ?1 AND removed = 0");
    set.bind(1, name).bind(2, quota.bytes).bind(3, quota.uploads).run();
    if (database_->changes() != 1)
        throw Error(ErrorClass::permanent, "NO_SUCH_USER", "there is no user " + std::string(name));
}

}  // namespace sheafline
