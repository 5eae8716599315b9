#include "base/sqlite.h"

#include <cerrno>
#include <cstring>
#include <sqlite3.h>

#include <sheafline/error.h>

namespace sheafline {

namespace {

// SQLite says "disk I/O error" whatever the disk's trouble is; the system call tells more.
[[noreturn]] void failOnDisk(int error_number, const std::string& text) {
    switch (error_number) {
        case ENOSPC:
        case EDQUOT:
            throw Error(ErrorClass::permanent, "DISK_FULL", text);
        case EROFS:
            throw Error(ErrorClass::permanent, "DISK_READONLY",
                        text + " (" + std::strerror(error_number) + ")");
        default:
            throw Error(ErrorClass::permanent, "DISK_IO", text);
    }
}

[[noreturn]] void fail(sqlite3* handle, int code, std::string_view what) {
    const int error_number = errno;  // sqlite3_system_errno() forgets it where a pager failed
    const std::string text = std::string(what) + ": " +
                             (handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code));
    switch (code & 0xFF) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            throw Error(ErrorClass::transient, "DATABASE_BUSY", text);
        case SQLITE_FULL:
            throw Error(ErrorClass::permanent, "DISK_FULL", text);
        case SQLITE_IOERR:
        case SQLITE_CANTOPEN:  // of a journal, in the middle of a transaction
            failOnDisk(error_number, text);
        case SQLITE_READONLY:
            throw Error(ErrorClass::permanent, "DISK_READONLY", text);
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            throw Error(ErrorClass::permanent, "DATABASE_CORRUPT", text);
        default:
            throw Error(ErrorClass::permanent, "DATABASE", text);
    }
}

}  // namespace

Database::Database(const std::filesystem::path& file, OpenMode mode) {
    const int flags = (mode == OpenMode::read_only ? SQLITE_OPEN_READONLY
                                                   : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) |
                      SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const int code = sqlite3_open_v2(file.c_str(), &handle_, flags, nullptr);
    if (code != SQLITE_OK) {
        sqlite3_close_v2(handle_);
        fail(nullptr, code, "cannot open " + file.string());
    }
    sqlite3_busy_timeout(handle_, 10'000);
}

Database::~Database() { sqlite3_close_v2(handle_); }

void Database::execute(const char* sql) {
    const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) fail(handle_, code, "database");
}

bool Database::inTransaction() const { return sqlite3_get_autocommit(handle_) == 0; }

int Database::changes() const { return sqlite3_changes(handle_); }

Statement::Statement(Database& database, std::string_view sql) {
    const int code = sqlite3_prepare_v3(database.handle(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
    if (code != SQLITE_OK) fail(database.handle(), code, "database");
}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::bind(int index, std::string_view value) {
    sqlite3_bind_text64(statement_, index, value.data() == nullptr ? "" : value.data(),
                        value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    return *this;
}

Statement& Statement::bind(int index, std::int64_t value) {
    sqlite3_bind_int64(statement_, index, value);
    return *this;
}

Statement& Statement::bind(int index, double value) {
    sqlite3_bind_double(statement_, index, value);
    return *this;
}

Statement& Statement::bind(int index, std::nullopt_t) {
    sqlite3_bind_null(statement_, index);
    return *this;
}

bool Statement::step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    // Reset at once: the statement holds no lock, and is ready for the next bind.
    sqlite3_reset(statement_);
    if (code != SQLITE_DONE) fail(sqlite3_db_handle(statement_), code, "database");
    return false;
}

void Statement::run() {
    while (step()) {
    }
}

bool Statement::isNull(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(statement_, column);
}

double Statement::real(int column) const { return sqlite3_column_double(statement_, column); }

std::string Statement::text(int column) const {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    return bytes == nullptr
               ? std::string()
               : std::string(bytes,
                             static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
}

std::optional<std::string> Statement::optionalText(int column) const {
    if (isNull(column)) return std::nullopt;
    return text(column);
}

Transaction::Transaction(Database& database) : database_(database) {
    database_.execute("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
    // Rolled back, not thrown: we are in a destructor, and SQLite may have rolled back by itself.
    if (open_) sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
    database_.execute("COMMIT");
    open_ = false;
}

}  // namespace sheafline
