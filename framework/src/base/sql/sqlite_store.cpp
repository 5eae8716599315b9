#include "base/sql/sqlite_store.h"

#include <sheafline/sqlite/statement.h>

namespace sheafline::sql {

namespace {

constexpr Dialect kSqlite{
    .kind = "sqlite",
    .server_version = "SELECT sqlite_version()",
    .size_bytes = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
    .last_event_id = "SELECT seq FROM sqlite_sequence WHERE name = 'events'"};

class SqlitePrepared : public Prepared {
 public:
    SqlitePrepared(sqlite::Database& database, std::string_view sql) : statement_(database, sql) {}

    void bindText(int index, std::string_view value) override { statement_.bind(index, value); }
    void bindInteger(int index, std::int64_t value) override { statement_.bind(index, value); }
    void bindReal(int index, double value) override { statement_.bind(index, value); }
    void bindNull(int index) override { statement_.bind(index, std::nullopt); }
    bool step() override { return statement_.step(); }
    void run() override { statement_.run(); }
    void reset() override { statement_.reset(); }
    void addRow() override { statement_.run(); }
    void runRows() override {}
    bool isNull(int column) const override { return statement_.isNull(column); }
    std::int64_t integer(int column) const override { return statement_.integer(column); }
    double real(int column) const override { return statement_.real(column); }
    std::string text(int column) const override { return statement_.text(column); }

 private:
    sqlite::Statement statement_;
};

}  // namespace

std::unique_ptr<Prepared> SqliteStore::prepare(std::string_view sql, Rows) {
    return std::make_unique<SqlitePrepared>(*file_, sql);
}

void SqliteStore::rollback() noexcept {
    try {
        file_->execute("ROLLBACK");
    } catch (const std::exception&) {
        // The next statement on this connection reports the error.
    }
}

int SqliteStore::version() { return static_cast<int>(file_->integerOf("PRAGMA user_version")); }

const Dialect& SqliteStore::dialect() const { return kSqlite; }

// Nobody else writes the file.
std::vector<std::string> SqliteStore::heard(std::chrono::milliseconds /*patience*/) { return {}; }

std::unique_ptr<SqliteStore> openStore(const std::filesystem::path& file,
                                       const DatabaseFormat& format) {
    return std::make_unique<SqliteStore>(openDatabase(file, format));
}

}  // namespace sheafline::sql
