// A SQLite file as the target. Its journal mode is not changed. A lock of another program is waited
// for up to 30 seconds; then the load fails with a transient error.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include <sheafline/sqlite/database.h>
#include <sheafline/sqlite/sqlite_error.h>
#include <sheafline/sqlite/statement.h>

#include "database.h"

namespace sheafline::db_load {

class SqliteDatabase : public Database {
 public:
    SqliteDatabase(const std::filesystem::path& file, std::stop_token stop);

    void begin() override;
    void commit() override;
    void rollback() noexcept override;
    Records query(const std::string& sql, const std::vector<std::string>& values) override;
    std::optional<std::vector<std::string>> columnsOf(const std::string& table) override;
    void lockSchema() override {}  // begin() locks the file
    void prepareUpsert(const ResultTable& table) override;
    void upsert(const NextRow& next, SameKeys same_keys) override;

 private:
    std::unique_ptr<sqlite::Statement> insertOf(std::size_t rows);
    void insert(sqlite::Statement& statement, std::span<const Row> rows);
    [[noreturn]] void fail(const sqlite::SqliteError& error) const;

    const std::string name_;  // for messages, without its folder
    const std::stop_token stop_;
    std::unique_ptr<sqlite::Database> database_;
    std::string insert_head_{};
    std::string insert_tail_{};
    std::vector<ColumnType> types_{};
    std::size_t rows_at_once_ = 1;
    std::unique_ptr<sqlite::Statement> insert_many_{};
    std::unique_ptr<sqlite::Statement> insert_one_{};
};

}  // namespace sheafline::db_load
