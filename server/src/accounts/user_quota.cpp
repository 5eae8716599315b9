// The quota of one user, where it differs from the server's settings.
#include <sheafline/error.h>
#include <sheafline/sqlite/statement.h>

#include "accounts/account_store.h"

namespace sheafline {

namespace {

std::optional<std::uint64_t> limitIn(const sqlite::Statement& row, int column) {
    if (row.isNull(column)) return std::nullopt;
    return static_cast<std::uint64_t>(row.integer(column));
}

}  // namespace

UserQuota AccountStore::quotaOf(std::string_view name) {
    const std::lock_guard lock(mutex_);
    sqlite::Statement row(
        *database_, "SELECT max_bytes, max_uploads FROM users WHERE name = ?1 AND NOT removed");
    if (!row.bind(1, name).step()) return {};
    return {.bytes = limitIn(row, 0), .uploads = limitIn(row, 1)};
}

void AccountStore::setQuota(std::string_view name, const UserQuota& quota) {
    const std::lock_guard lock(mutex_);
    sqlite::Statement set(*database_,
                          "UPDATE users SET max_bytes = ?2, max_uploads = ?3 "
                          "WHERE name = ?1 AND NOT removed");
    set.bind(1, name).bind(2, quota.bytes).bind(3, quota.uploads).run();
    if (database_->changes() != 1)
        throw Error(ErrorClass::permanent, "NO_SUCH_USER", "there is no user " + std::string(name));
}

}  // namespace sheafline
