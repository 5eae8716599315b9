#include "history/stores/shared_settings.h"

#include "base/sql/statement.h"
#include "base/sql/transaction.h"
#include "history/stores/open_history.h"

namespace sheafline {

namespace {

constexpr const char* kLock = "SELECT 1 FROM pg_advisory_xact_lock(357694783817)";

}  // namespace

SharedSettings::SharedSettings(const std::string& url) : database_(openTables(url)) {}

std::optional<std::string> SharedSettings::value(std::string_view key) {
    sql::Statement row(*database_, "SELECT value FROM settings WHERE key = ?1");
    if (!row.bind(1, key).step()) return std::nullopt;
    return row.text(0);
}

void SharedSettings::alone(const std::function<void()>& work) {
    sql::transact(*database_, [&] {
        sql::integerOf(*database_, kLock);
        work();
    });
}

std::string SharedSettings::valueOr(std::string_view key, std::string_view first) {
    sql::Statement(*database_,
                   "INSERT INTO settings(key, value) VALUES(?1, ?2) ON CONFLICT DO NOTHING")
        .bind(1, key)
        .bind(2, first)
        .run();
    return value(key).value();
}

bool SharedSettings::replace(std::string_view key, std::string_view old, std::string_view value) {
    sql::Statement(*database_, "UPDATE settings SET value = ?3 WHERE key = ?1 AND value = ?2")
        .bind(1, key)
        .bind(2, old)
        .bind(3, value)
        .run();
    return database_->changes() == 1;
}

}  // namespace sheafline
