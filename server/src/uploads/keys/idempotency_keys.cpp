#include "uploads/keys/idempotency_keys.h"

#include <algorithm>
#include <array>

#include "base/sql/sqlite_store.h"
#include "base/sql/statement.h"
#include "history/stores/open_history.h"

namespace sheafline {

namespace {

constexpr std::array kKeyMigrations{
    "CREATE TABLE idempotency_keys(user TEXT NOT NULL, key TEXT NOT NULL, request_hash TEXT NOT "
    "NULL, batch_id TEXT NOT NULL, claimed_at INTEGER NOT NULL, PRIMARY KEY(user, key)) STRICT, "
    "WITHOUT ROWID"};

constexpr DatabaseFormat kKeyFormat{
    .what = "the idempotency keys",
    .migrations = kKeyMigrations,
    .remedy = "remove idempotency.db, idempotency.db-wal and idempotency.db-shm"};

// A damaged file costs only the memory of the last day's requests, so it is replaced at once.
std::unique_ptr<sql::Database> opened(const sql::Place& place, Log* log) {
    if (!place.url.empty()) return openTables(place.url);
    const std::filesystem::path& file = place.file;
    if (const auto damage = damageOf(file)) {
        const auto aside = setDamagedFileAside(file);
        if (log != nullptr) {
            log->error("idempotency.db is damaged (" + *damage + ") and was set aside as " +
                       aside.filename().string() +
                       "; a request that is repeated with an earlier Idempotency-Key creates a "
                       "second batch");
        }
    }
    return sql::openStore(file, kKeyFormat);
}

}  // namespace

bool isIdempotencyKey(std::string_view text) {
    return !text.empty() && text.size() <= 255 &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F; });
}

IdempotencyKeys::IdempotencyKeys(const sql::Place& place, Log* log)
    : database_(opened(place, log)) {}

IdempotencyKeys::~IdempotencyKeys() = default;

KeyClaim IdempotencyKeys::claim(std::string_view user, std::string_view key,
                                std::string_view request_hash, std::string_view batch_id,
                                std::int64_t now) {
    const std::lock_guard lock(mutex_);
    while (true) {
        sql::Statement insert(*database_,
                              "INSERT INTO idempotency_keys VALUES(?1, ?2, ?3, ?4, ?5) "
                              "ON CONFLICT DO NOTHING");
        insert.bind(1, user).bind(2, key).bind(3, request_hash).bind(4, batch_id).bind(5, now);
        insert.run();
        if (database_->changes() == 1)
            return {.batch_id = std::string(batch_id), .claimed_at = now};
        sql::Statement find(
            *database_,
            "SELECT request_hash, batch_id, claimed_at FROM idempotency_keys WHERE \"user\" = ?1 "
            "AND key = ?2");
        if (!find.bind(1, user).bind(2, key).step()) continue;  // another server has released it
        if (find.text(0) != request_hash) return {.outcome = KeyOutcome::conflict};
        return {.outcome = KeyOutcome::repeated,
                .batch_id = find.text(1),
                .claimed_at = find.integer(2)};
    }
}

void IdempotencyKeys::release(std::string_view user, std::string_view key) {
    const std::lock_guard lock(mutex_);
    sql::Statement(*database_, "DELETE FROM idempotency_keys WHERE \"user\" = ?1 AND key = ?2")
        .bind(1, user)
        .bind(2, key)
        .run();
}

void IdempotencyKeys::forgetBefore(std::int64_t time) {
    const std::lock_guard lock(mutex_);
    sql::Statement(*database_, "DELETE FROM idempotency_keys WHERE claimed_at < ?1")
        .bind(1, time)
        .run();
}

}  // namespace sheafline
