#include "sqlite_database.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <sqlite3.h>
#include <utility>

#include <sheafline/stage.h>

namespace sheafline::db_load {

namespace {

constexpr std::chrono::seconds kLockTimeout{30};
// More rows in one statement gain nothing; SQLite allows 32,766 values in one.
constexpr std::size_t kRowsAtOnce = 50;
constexpr std::size_t kValuesAtOnce = 32766;

struct Verdict {
    ErrorClass error_class = ErrorClass::permanent;
    const char* code = "SINK";  // null: the row caused the error
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
            return {ErrorClass::transient, "SINK_BUSY", "; another program has locked it"};
        case SQLITE_FULL:
            return {.code = "DISK_FULL", .remedy = "; free some space"};
        case SQLITE_IOERR:
            return {.code = "DISK_IO"};
        case SQLITE_READONLY:
        case SQLITE_PERM:
            return {.code = "NOT_PERMITTED", .remedy = "; make it writable"};
        case SQLITE_CANTOPEN:
            return {.code = "SINK_MISSING", .remedy = "; its folder must exist"};
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return {.code = "SINK_CORRUPT", .remedy = "; set it aside or name another file"};
        default:
            return {};
    }
}

}  // namespace

SqliteDatabase::SqliteDatabase(const std::filesystem::path& file, std::stop_token stop)
    : name_(file.filename().string()), stop_(std::move(stop)) {
    try {
        database_ = std::make_unique<sqlite::Database>(
            file, sqlite::OpenOptions{.lock_timeout = kLockTimeout, .stop = stop_});
    } catch (const sqlite::SqliteError& error) {
        fail(error);
    }
    // With FULL, a journal whose removal was not yet durable returns after a power cut and rolls
    // back rows that were reported as loaded.
    query("PRAGMA synchronous = EXTRA", {});
}

void SqliteDatabase::fail(const sqlite::SqliteError& error) const {
    throwIfStopped(stop_);
    const bool on_disk =
        error.primaryResult() == SQLITE_IOERR || error.primaryResult() == SQLITE_CANTOPEN;
    if (on_disk && (error.errorNumber() == ENOSPC || error.errorNumber() == EROFS))
        throwSystemError(error.errorNumber(), "cannot write the database " + name_);
    const Verdict verdict = verdictOf(error.primaryResult());
    if (verdict.code == nullptr) throw RowError(error.reason());
    throw Error(verdict.error_class, verdict.code,
                "database " + name_ + ": " + error.reason() + verdict.remedy);
}

void SqliteDatabase::begin() { query("BEGIN IMMEDIATE", {}); }

void SqliteDatabase::commit() { query("COMMIT", {}); }

void SqliteDatabase::rollback() noexcept {
    // After some errors SQLite has already rolled back; then this call fails, which does no harm.
    sqlite3_exec(database_->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

Records SqliteDatabase::query(const std::string& sql, const std::vector<std::string>& values) {
    try {
        sqlite::Statement statement(*database_, sql);
        int index = 0;
        for (const std::string& value : values) statement.bindBorrowed(++index, value);
        Records records;
        while (statement.step()) {
            auto& record = records.emplace_back();
            for (int i = 0; i < statement.columns(); ++i) record.push_back(statement.text(i));
        }
        return records;
    } catch (const sqlite::SqliteError& error) {
        fail(error);
    }
}

std::optional<std::vector<std::string>> SqliteDatabase::columnsOf(const std::string& table) {
    const std::size_t dot = table.find('.');
    const std::vector<std::string> place =
        dot == std::string::npos ? std::vector<std::string>{table, "main"}
                                 : std::vector{table.substr(dot + 1), table.substr(0, dot)};
    std::vector<std::string> names;
    for (auto& record : query("SELECT name FROM pragma_table_info($1, $2)", place)) {
        names.push_back(std::move(record[0]));
    }
    return names.empty() ? std::nullopt : std::optional(std::move(names));
}

void SqliteDatabase::prepareUpsert(const ResultTable& table) {
    types_.clear();
    for (const Column& column : table.columns()) types_.push_back(column.type);
    insert_head_ =
        "INSERT INTO " + quotedTable(table.name()) + " (" + table.columnList() + ") VALUES ";
    insert_tail_ = " " + table.onConflict();
    rows_at_once_ = std::clamp<std::size_t>(kValuesAtOnce / types_.size(), 1, kRowsAtOnce);
    try {
        insert_one_ = insertOf(1);
    } catch (const Error& error) {
        if (error.code() != "SINK") throw;
        throw Error(ErrorClass::permanent, "SCHEMA_DRIFT",
                    "table " + table.name() + " needs the primary key (" + table.keyText() +
                        "), which identifies rows; load into another table");
    }
    insert_many_ = insertOf(rows_at_once_);
}

std::unique_ptr<sqlite::Statement> SqliteDatabase::insertOf(std::size_t rows) {
    std::string marks = "(?";
    for (std::size_t i = 1; i < types_.size(); ++i) marks += ",?";
    marks += ")";
    std::string sql = insert_head_ + marks;
    for (std::size_t i = 1; i < rows; ++i) sql += "," + marks;
    try {
        return std::make_unique<sqlite::Statement>(*database_, sql + insert_tail_);
    } catch (const sqlite::SqliteError& error) {
        fail(error);
    }
}

void SqliteDatabase::upsert(const NextRow& next, SameKeys) {
    std::vector<Row> rows;
    while (auto row = next()) {
        rows.push_back(*std::move(row));
        if (rows.size() < rows_at_once_) continue;
        insert(*insert_many_, rows);
        rows.clear();
    }
    for (const Row& row : rows) insert(*insert_one_, {&row, 1});
}

void SqliteDatabase::insert(sqlite::Statement& statement, std::span<const Row> rows) {
    try {
        int index = 0;
        for (const Row& row : rows) {
            for (std::size_t i = 0; i < types_.size(); ++i) {
                const std::string& value = row[i];
                if (value.empty() && types_[i] != ColumnType::text) {
                    statement.bind(++index, std::nullopt);
                } else {
                    statement.bindBorrowed(++index, value);
                }
            }
        }
        statement.run();
    } catch (const sqlite::SqliteError& error) {
        fail(error);
    }
}

}  // namespace sheafline::db_load
