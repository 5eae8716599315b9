#include "audit/audit_store.h"

#include <array>
#include <limits>

#include "base/sql/sqlite_store.h"
#include "base/sql/statement.h"
#include "history/stores/open_history.h"

namespace sheafline {

namespace {

constexpr std::array kAuditMigrations{
    R"sql(
CREATE TABLE audit(
  id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, user TEXT NOT NULL COLLATE NOCASE, address TEXT NOT NULL,
  action TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL, status INTEGER NOT NULL) STRICT;
CREATE INDEX audit_by_subject ON audit(subject, id);
CREATE INDEX audit_by_user ON audit(user, id);
CREATE INDEX audit_by_action ON audit(action, id);
)sql"};

constexpr DatabaseFormat kAuditFormat{
    .what = "the audit trail",
    .migrations = kAuditMigrations,
    .remedy =
        "restore a copy of the file; or move audit.db, audit.db-wal and audit.db-shm away, "
        "and an empty audit trail takes their place",
    .mode = 0600};

}  // namespace

AuditStore::AuditStore(const sql::Place& place)
    : database_(place.url.empty() ? sql::openStore(place.file, kAuditFormat)
                                  : openTables(place.url)) {}

AuditStore::~AuditStore() = default;

void AuditStore::record(const AuditEntry& entry) {
    const std::lock_guard lock(mutex_);
    sql::Statement(*database_,
                   "INSERT INTO audit(at, \"user\", address, action, subject, detail, status) "
                   "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)")
        .bind(1, entry.at)
        .bind(2, entry.user)
        .bind(3, entry.address)
        .bind(4, entry.action)
        .bind(5, entry.subject)
        .bind(6, entry.detail)
        .bind(7, entry.status)
        .run();
}

std::vector<AuditEntry> AuditStore::list(const AuditFilter& filter) {
    const std::lock_guard lock(mutex_);
    sql::Statement rows(
        *database_,
        "SELECT id, at, \"user\", address, action, subject, detail, status FROM "
        "audit WHERE id < ?1 AND (\"user\" = ?2 OR ?2 IS NULL) AND (action = ?3 OR ?3 "
        "IS NULL) AND (subject = ?4 OR ?4 IS NULL) ORDER BY id DESC LIMIT "
        "?5");
    rows.bind(1, filter.before_id > 0 ? filter.before_id : std::numeric_limits<std::int64_t>::max())
        .bind(2, filter.user)
        .bind(3, filter.action)
        .bind(4, filter.subject)
        .bind(5, filter.limit);
    std::vector<AuditEntry> entries;
    while (rows.step()) {
        entries.push_back({.id = rows.integer(0),
                           .at = rows.integer(1),
                           .user = rows.text(2),
                           .address = rows.text(3),
                           .action = rows.text(4),
                           .subject = rows.text(5),
                           .detail = rows.text(6),
                           .status = static_cast<int>(rows.integer(7))});
    }
    return entries;
}

void AuditStore::forgetBefore(std::int64_t time, const AuditLimits& limits) {
    const std::lock_guard lock(mutex_);
    sql::Statement(*database_, "DELETE FROM audit WHERE at < ?1").bind(1, time).run();
    sql::Statement(*database_,
                   "DELETE FROM audit WHERE action = 'sign_in_failed' AND id <= (SELECT id FROM "
                   "audit WHERE action = 'sign_in_failed' ORDER BY id DESC LIMIT 1 OFFSET ?1)")
        .bind(1, limits.failed_sign_ins)
        .run();
    sql::Statement(*database_,
                   "DELETE FROM audit WHERE id <= (SELECT id FROM audit ORDER BY id DESC LIMIT "
                   "1 OFFSET ?1)")
        .bind(1, limits.entries)
        .run();
}

}  // namespace sheafline
