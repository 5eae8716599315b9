#include "accounts/account_schema.h"

#include <array>
#include <cerrno>
#include <sys/stat.h>

#include <sheafline/error.h>

#include "base/sql/sqlite_store.h"
#include "base/sql/statement.h"
#include "history/stores/open_history.h"

namespace sheafline {

namespace {

constexpr const char* kVersion1 = R"sql(
CREATE TABLE users(
  name TEXT PRIMARY KEY COLLATE NOCASE, role TEXT NOT NULL, password_hash TEXT NOT NULL,
  disabled INTEGER NOT NULL DEFAULT 0, removed INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL) STRICT;
CREATE TABLE sessions(
  session TEXT PRIMARY KEY, user TEXT NOT NULL COLLATE NOCASE REFERENCES users(name), generation INTEGER NOT NULL DEFAULT 0,
  opened_at INTEGER NOT NULL, refreshed_at INTEGER NOT NULL, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_of_user ON sessions(user, opened_at);
CREATE TABLE revision(number INTEGER NOT NULL) STRICT;
INSERT INTO revision VALUES(0);
CREATE TRIGGER session_ended AFTER DELETE ON sessions BEGIN UPDATE revision SET number = number + 1; END;
)sql";

// Sessions that have ended, for other servers, kept as long as one of their tickets can be valid.
constexpr const char* kVersion2 = R"sql(
CREATE TABLE ended(
  number INTEGER PRIMARY KEY AUTOINCREMENT, session TEXT NOT NULL, until INTEGER NOT NULL) STRICT;
CREATE TRIGGER session_noted AFTER DELETE ON sessions BEGIN
  INSERT INTO ended(session, until) VALUES(old.session, old.expires_at + 43260); END;
)sql";

// What `must_change` says: somebody else knows the password. Tokens are for programs.
constexpr const char* kVersion3 = R"sql(
ALTER TABLE users ADD COLUMN must_change INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';
CREATE TABLE api_tokens(
  id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, user TEXT NOT NULL COLLATE NOCASE REFERENCES users(name),
  name TEXT NOT NULL, scopes TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
  last_used_at INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
CREATE INDEX api_tokens_of_user ON api_tokens(user);
CREATE TRIGGER api_token_removed AFTER DELETE ON api_tokens BEGIN UPDATE revision SET number = number + 1; END;
CREATE TRIGGER user_removed AFTER UPDATE OF removed ON users WHEN new.removed BEGIN
  DELETE FROM api_tokens WHERE user = new.name; END;
CREATE TRIGGER user_changed AFTER UPDATE OF disabled, role ON users BEGIN UPDATE revision SET number = number + 1; END;
)sql";

// Limits of one user; without one, the server's setting applies.
constexpr const char* kVersion4 = R"sql(
ALTER TABLE users ADD COLUMN max_bytes INTEGER;
ALTER TABLE users ADD COLUMN max_uploads INTEGER;
)sql";

constexpr std::array kAccountMigrations{kVersion1, kVersion2, kVersion3, kVersion4};

constexpr DatabaseFormat kAccountFormat{
    .what = "the accounts",
    .migrations = kAccountMigrations,
    .remedy =
        "restore a copy of the file; or remove accounts.db, accounts.db-wal and "
        "accounts.db-shm, which deletes all users and sessions, and the next `serve` shows a "
        "new password of `admin`",
    .mode = 0600};

}  // namespace

std::unique_ptr<sql::Database> openAccounts(const sql::Place& place) {
    if (!place.url.empty()) return openTables(place.url);
    const std::filesystem::path& file = place.file;
    if (std::filesystem::is_symlink(std::filesystem::symlink_status(file))) {
        throw Error(ErrorClass::permanent, "DATA_FOLDER",
                    file.filename().string() +
                        " is a symbolic link; put the file itself into the data folder");
    }
    auto database = sql::openStore(file, kAccountFormat);
    // By name, because closing a descriptor of the file would release SQLite's locks.
    if (::chmod(file.c_str(), kAccountFormat.mode) != 0)
        throwSystemError(errno, "cannot close " + file.filename().string() + " to other users");
    return database;
}

void lockAccounts(sql::Database& accounts) {
    // A transaction of SQLite locks the file.
    if (accounts.dialect().kind != "sqlite")
        sql::Statement(accounts, "UPDATE revision SET number = number").run();
}

}  // namespace sheafline
