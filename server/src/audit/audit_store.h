// The audit trail: who did what, when and from where, in audit.db of the data folder or in the
// database of the history. Entries are
// only added, and removed by age. Any thread, and any process: `sheafline user` writes to it while
// a server runs. Throws Error if the database fails.
//
//     audit.record({.at = wallMs() / 1000, .user = "ann", .action = "batch_create",
//                   .subject = batch_id, .status = 201});
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/sql/place.h"

namespace sheafline {

namespace sql {
class Database;
}  // namespace sql

inline constexpr const char* kAuditFile = "audit.db";  // in the data folder

struct AuditEntry {
    std::int64_t id = 0;    // rising; given by record()
    std::int64_t at = 0;    // seconds since 1970
    std::string user{};     // who did it; for a failed sign-in, the name that was tried
    std::string address{};  // of the client; empty for a command on the server itself
    std::string action{};   // "sign_in", "batch_delete", …: docs/serving.md lists them
    std::string subject{};  // the id of the batch or the name of the user that it was done to
    std::string detail{};   // an artifact's name or a sheet's number
    int status = 0;         // of the answer; 0 for a command

    bool operator==(const AuditEntry&) const = default;
};

struct AuditFilter {
    std::optional<std::string> user{};
    std::optional<std::string> action{};
    std::optional<std::string> subject{};
    std::int64_t before_id = 0;  // only older entries; 0: from the newest
    int limit = 100;
};

// How many of the newest entries are kept. A stranger can cause only failed sign-ins, so these can
// neither fill the disk nor push out other entries.
struct AuditLimits {
    std::int64_t entries = 1'000'000;
    std::int64_t failed_sign_ins = 100'000;
};

class AuditStore {
 public:
    explicit AuditStore(const sql::Place& place);
    ~AuditStore();
    AuditStore(const AuditStore&) = delete;
    AuditStore& operator=(const AuditStore&) = delete;

    void record(const AuditEntry& entry);
    std::vector<AuditEntry> list(const AuditFilter& filter);  // the newest first
    // Removes entries older than `time` and those beyond `limits`.
    void forgetBefore(std::int64_t time, const AuditLimits& limits = {});

 private:
    std::mutex mutex_;
    const std::unique_ptr<sql::Database> database_;  // guarded by mutex_
};

}  // namespace sheafline
