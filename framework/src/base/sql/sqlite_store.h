// A SQLite file behind the interface of sql::Database.
#pragma once

#include <filesystem>
#include <memory>

#include <sheafline/sqlite/database.h>

#include "base/database_file.h"
#include "base/sql/database.h"

namespace sheafline::sql {

class SqliteStore : public Database {
 public:
    explicit SqliteStore(std::unique_ptr<sqlite::Database> file) : file_(std::move(file)) {}

    std::unique_ptr<Prepared> prepare(std::string_view sql, Rows rows) override;
    void execute(const std::string& sql) override { file_->execute(sql); }
    void begin() override { file_->execute("BEGIN IMMEDIATE"); }
    void commit() override { file_->execute("COMMIT"); }
    void rollback() noexcept override;
    void savepoint() override { file_->execute("SAVEPOINT one"); }
    void release() override { file_->execute("RELEASE one"); }
    void rollbackToSavepoint() override { file_->execute("ROLLBACK TO one; RELEASE one"); }
    bool inTransaction() const override { return file_->inTransaction(); }
    std::int64_t changes() override { return file_->changes(); }
    int version() override;
    std::string place() const override { return file_->file().parent_path().string(); }
    const Dialect& dialect() const override;
    std::vector<std::string> heard(std::chrono::milliseconds patience) override;

    sqlite::Database& file() { return *file_; }

 private:
    const std::unique_ptr<sqlite::Database> file_;
};

// openDatabase(), behind the interface.
std::unique_ptr<SqliteStore> openStore(const std::filesystem::path& file,
                                       const DatabaseFormat& format);

}  // namespace sheafline::sql
