#include "accounts/throttle/shared_attempts.h"

#include "accounts/account_schema.h"
#include "accounts/throttle/memory_attempts.h"
#include "base/sql/statement.h"
#include "base/sql/transaction.h"

namespace sheafline {

namespace {

constexpr const char* kAttemptsLock = "SELECT 1 FROM pg_advisory_xact_lock(357694783818)";

}  // namespace

struct SharedAttempts::Statements {
    explicit Statements(sql::Database& database)
        : now(database, "SELECT CAST(1000 * extract(epoch FROM clock_timestamp()) AS BIGINT)"),
          lock(database, kAttemptsLock),
          find(database,
               "SELECT count(*), COALESCE(min(at_ms), 0), COALESCE(max(at_ms), 0) "
               "FROM sign_in_attempts WHERE kind = ?1 AND key = ?2 AND until_ms > ?3"),
          add(database,
              "INSERT INTO sign_in_attempts(kind, key, at_ms, until_ms) VALUES(?1, ?2, ?3, ?4)"),
          take_back(database,
                    "DELETE FROM sign_in_attempts WHERE id = (SELECT min(id) FROM sign_in_attempts "
                    "WHERE kind = ?1 AND key = ?2 AND at_ms = ?3)"),
          take_all(database, "DELETE FROM sign_in_attempts WHERE kind = ?1 AND key = ?2"),
          forget(database, "DELETE FROM sign_in_attempts WHERE until_ms <= ?1") {}

    sql::Statement now, lock, find, add, take_back, take_all, forget;
};

SharedAttempts::SharedAttempts(const sql::Place& accounts, const ThrottleLimits& limits)
    : AttemptLog(limits),
      database_(openAccounts(accounts)),
      statements_(std::make_unique<Statements>(*database_)) {}

SharedAttempts::~SharedAttempts() = default;

std::int64_t SharedAttempts::nowMs() {
    const std::lock_guard lock(mutex_);
    statements_->now.step();
    const std::int64_t now_ms = statements_->now.integer(0);
    statements_->now.run();
    return now_ms;
}

void SharedAttempts::alone(const std::function<void()>& work) {
    const std::lock_guard lock(mutex_);
    sql::transact(*database_, [&] {
        statements_->lock.step();
        statements_->lock.run();
        work();
    });
}

Attempts SharedAttempts::of(AttemptKind kind, const std::string& key, std::int64_t now_ms) {
    sql::Statement& find = statements_->find;
    find.bind(1, static_cast<int>(kind)).bind(2, key).bind(3, now_ms).step();
    const Attempts found{.number = static_cast<int>(find.integer(0)),
                         .oldest_ms = find.integer(1),
                         .newest_ms = find.integer(2)};
    find.run();
    return found;
}

void SharedAttempts::add(AttemptKind kind, const std::string& key, std::int64_t now_ms) {
    const int number = static_cast<int>(kind);
    if (kind == AttemptKind::known) statements_->take_all.bind(1, number).bind(2, key).run();
    statements_->add.bind(1, number).bind(2, key).bind(3, now_ms).bind(4, now_ms + windowMs(kind));
    statements_->add.run();
}

void SharedAttempts::takeBack(AttemptKind kind, const std::string& key, std::int64_t at_ms) {
    statements_->take_back.bind(1, static_cast<int>(kind)).bind(2, key).bind(3, at_ms).run();
}

void SharedAttempts::forgetOld(std::int64_t now_ms) {
    const std::lock_guard lock(mutex_);
    statements_->forget.bind(1, now_ms).run();
}

std::unique_ptr<AttemptLog> attemptsBeside(const sql::Place& accounts,
                                           const ThrottleLimits& limits) {
    if (accounts.url.empty()) return std::make_unique<MemoryAttempts>(limits);
    return std::make_unique<SharedAttempts>(accounts, limits);
}

}  // namespace sheafline
