// A SQLite file as the target. Its journal mode stays as its owner set it; a lock that another
// program holds is waited for, 30 seconds, then it is a transient error.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <stop_token>

#include "database.h"

struct sqlite3;
struct sqlite3_stmt;

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
    struct CloseDatabase {
        void operator()(sqlite3* database) const;
    };
    struct FinalizeStatement {
        void operator()(sqlite3_stmt* statement) const;
    };
    using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

    Statement prepare(const std::string& sql);
    Statement insertOf(std::size_t rows);
    void insert(sqlite3_stmt* statement, std::span<const Row> rows);
    int waitForLock(int tries) const;
    [[noreturn]] void fail(int code) const;

    const std::string name_;  // for messages, without its folder
    const std::stop_token stop_;
    std::unique_ptr<sqlite3, CloseDatabase> database_;
    std::string insert_head_{};
    std::string insert_tail_{};
    std::vector<ColumnType> types_{};
    std::size_t rows_at_once_ = 1;
    Statement insert_many_{};
    Statement insert_one_{};
};

}  // namespace sheafline::db_load
