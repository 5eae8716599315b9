#include "sqlite_database.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <sqlite3.h>
#include <thread>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/stage.h>

namespace sheafline::db_load {

namespace {

constexpr std::chrono::milliseconds kPause{20};
constexpr int kMostTries = 1500;  // 30 seconds of pauses
// More rows in one statement gain nothing; SQLite allows 32,766 values in one.
constexpr std::size_t kRowsAtOnce = 50;
constexpr std::size_t kValuesAtOnce = 32766;

struct Verdict {
    ErrorClass error_class = ErrorClass::permanent;
    const char* code = "SINK";  // null: a row is at fault
    const char* remedy = "";
};

Verdict verdictOf(int code) {
    switch (code) {
        case SQLITE_CONSTRAINT:
        case SQLITE_MISMATCH:
        case SQLITE_TOOBIG:
            return {.code = nullptr};
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return {ErrorClass::transient, "SINK_BUSY", "; another program holds it"};
        case SQLITE_FULL:
            return {.code = "DISK_FULL", .remedy = "; free some space"};
        case SQLITE_IOERR:
            return {.code = "DISK_IO"};
        case SQLITE_READONLY:
        case SQLITE_PERM:
            return {.code = "NOT_PERMITTED", .remedy = "; make it writable"};
        case SQLITE_CANTOPEN:
            return {.code = "SINK_MISSING", .remedy = "; its folder must be there"};
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return {.code = "SINK_CORRUPT", .remedy = "; set it aside or name another file"};
        default:
            return {};
    }
}

}  // namespace

void SqliteDatabase::CloseDatabase::operator()(sqlite3* database) const {
    sqlite3_close_v2(database);
}

void SqliteDatabase::FinalizeStatement::operator()(sqlite3_stmt* statement) const {
    sqlite3_finalize(statement);
}

SqliteDatabase::SqliteDatabase(const std::filesystem::path& file, std::stop_token stop)
    : name_(file.filename().string()), stop_(std::move(stop)) {
    sqlite3* opened = nullptr;
    const int code =
        sqlite3_open_v2(file.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
    database_.reset(opened);
    if (code != SQLITE_OK) fail(code);
    sqlite3_extended_result_codes(opened, 1);
    sqlite3_busy_handler(
        opened,
        [](void* self, int tries) {
            return static_cast<const SqliteDatabase*>(self)->waitForLock(tries);
        },
        this);
    // With FULL a journal whose removal was not yet durable comes back after a power cut, and rolls
    // back what we have told to be loaded.
    query("PRAGMA synchronous = EXTRA", {});
}

int SqliteDatabase::waitForLock(int tries) const {
    if (tries >= kMostTries || stop_.stop_requested()) return 0;
    std::this_thread::sleep_for(kPause);
    return 1;
}

void SqliteDatabase::fail(int code) const {
    const int error_number = errno;
    throwIfStopped(stop_);
    const std::string reason = database_ ? sqlite3_errmsg(database_.get()) : sqlite3_errstr(code);
    const bool on_disk = (code & 0xFF) == SQLITE_IOERR || (code & 0xFF) == SQLITE_CANTOPEN;
    if (on_disk && (error_number == ENOSPC || error_number == EROFS))
        throwSystemError(error_number, "cannot write the database " + name_);
    const Verdict verdict = verdictOf(code & 0xFF);
    if (verdict.code == nullptr) throw RowError(reason);
    throw Error(verdict.error_class, verdict.code,
                "database " + name_ + ": " + reason + verdict.remedy);
}

SqliteDatabase::Statement SqliteDatabase::prepare(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                        &statement, nullptr);
    if (code != SQLITE_OK) fail(code);
    return Statement(statement);
}

void SqliteDatabase::begin() { query("BEGIN IMMEDIATE", {}); }

void SqliteDatabase::commit() { query("COMMIT", {}); }

void SqliteDatabase::rollback() noexcept {
    // After some errors SQLite has rolled back by itself, and this one fails: all is well then.
    sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

Records SqliteDatabase::query(const std::string& sql, const std::vector<std::string>& values) {
    const Statement statement = prepare(sql);
    int index = 0;
    for (const std::string& value : values) {
        sqlite3_bind_text(statement.get(), ++index, value.data(), static_cast<int>(value.size()),
                          SQLITE_STATIC);
    }
    Records records;
    int code = SQLITE_OK;
    while ((code = sqlite3_step(statement.get())) == SQLITE_ROW) {
        auto& record = records.emplace_back();
        for (int i = 0; i < sqlite3_column_count(statement.get()); ++i) {
            const auto* text = sqlite3_column_text(statement.get(), i);
            record.emplace_back(text == nullptr ? "" : reinterpret_cast<const char*>(text));
        }
    }
    if (code != SQLITE_DONE) fail(code);
    return records;
}

std::optional<std::vector<std::string>> SqliteDatabase::columnsOf(const std::string& table) {
    std::vector<std::string> names;
    for (auto& record : query("SELECT name FROM pragma_table_info($1)", {table})) {
        names.push_back(std::move(record[0]));
    }
    return names.empty() ? std::nullopt : std::optional(std::move(names));
}

void SqliteDatabase::prepareUpsert(const ResultTable& table) {
    types_.clear();
    for (const Column& column : table.columns()) types_.push_back(column.type);
    insert_head_ =
        "INSERT INTO " + quotedIdentifier(table.name()) + " (" + table.columnList() + ") VALUES ";
    insert_tail_ = " " + table.onConflict();
    rows_at_once_ = std::clamp<std::size_t>(kValuesAtOnce / types_.size(), 1, kRowsAtOnce);
    try {
        insert_one_ = insertOf(1);
    } catch (const Error& error) {
        if (error.code() != "SINK") throw;
        throw Error(ErrorClass::permanent, "SCHEMA_DRIFT",
                    "table " + table.name() +
                        " needs the primary key (batch_id, sheet), which tells rows apart; load "
                        "into another table");
    }
    insert_many_ = insertOf(rows_at_once_);
}

SqliteDatabase::Statement SqliteDatabase::insertOf(std::size_t rows) {
    std::string marks = "(?";
    for (std::size_t i = 1; i < types_.size(); ++i) marks += ",?";
    marks += ")";
    std::string sql = insert_head_ + marks;
    for (std::size_t i = 1; i < rows; ++i) sql += "," + marks;
    return prepare(sql + insert_tail_);
}

void SqliteDatabase::upsert(const NextRow& next, SameKeys) {
    std::vector<Row> rows;
    while (auto row = next()) {
        rows.push_back(*std::move(row));
        if (rows.size() < rows_at_once_) continue;
        insert(insert_many_.get(), rows);
        rows.clear();
    }
    for (const Row& row : rows) insert(insert_one_.get(), {&row, 1});
}

void SqliteDatabase::insert(sqlite3_stmt* statement, std::span<const Row> rows) {
    int index = 0;
    for (const Row& row : rows) {
        for (std::size_t i = 0; i < types_.size(); ++i) {
            const std::string& value = row[i];
            if (value.empty() && types_[i] != ColumnType::text) {
                sqlite3_bind_null(statement, ++index);
            } else {
                sqlite3_bind_text(statement, ++index, value.data(), static_cast<int>(value.size()),
                                  SQLITE_STATIC);
            }
        }
    }
    const int code = sqlite3_step(statement);
    sqlite3_reset(statement);
    if (code != SQLITE_DONE) fail(code);
}

}  // namespace sheafline::db_load
