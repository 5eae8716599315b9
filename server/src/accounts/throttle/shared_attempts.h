// The attempts to sign in on all servers with one history, in its database and by its clock.
// Thread-safe inside alone(). Throws the errors of the database.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "accounts/throttle/attempt_log.h"
#include "base/sql/place.h"

namespace sheafline {

namespace sql {
class Database;
}  // namespace sql

class SharedAttempts : public AttemptLog {
 public:
    SharedAttempts(const sql::Place& accounts, const ThrottleLimits& limits);
    ~SharedAttempts() override;

    std::int64_t nowMs() override;
    void alone(const std::function<void()>& work) override;
    Attempts of(AttemptKind kind, const std::string& key, std::int64_t now_ms) override;
    void add(AttemptKind kind, const std::string& key, std::int64_t now_ms) override;
    void takeBack(AttemptKind kind, const std::string& key, std::int64_t at_ms) override;
    void forgetOld(std::int64_t now_ms) override;

 private:
    struct Statements;

    std::mutex mutex_;
    const std::unique_ptr<sql::Database> database_;  // guarded by mutex_
    const std::unique_ptr<Statements> statements_;   // guarded by mutex_
};

}  // namespace sheafline
