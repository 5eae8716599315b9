#include <limits>
#include <sqlite3.h>

#include <sheafline/sqlite/sqlite_error.h>
#include <sheafline/sqlite/statement.h>

namespace sheafline::sqlite {

Statement::Statement(Database& database, std::string_view sql) : database_(database) {
    check(sqlite3_prepare_v3(database.handle(), sql.data(), static_cast<int>(sql.size()),
                             SQLITE_PREPARE_PERSISTENT, &statement_, nullptr));
}

Statement::~Statement() { sqlite3_finalize(statement_); }

void Statement::check(int result) const {
    if (result != SQLITE_OK) database_.fail(result);
}

Statement& Statement::bind(int index, std::string_view value) {
    check(sqlite3_bind_text64(statement_, index, value.data() == nullptr ? "" : value.data(),
                              value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
    return *this;
}

Statement& Statement::bindBorrowed(int index, std::string_view value) {
    check(sqlite3_bind_text64(statement_, index, value.data() == nullptr ? "" : value.data(),
                              value.size(), SQLITE_STATIC, SQLITE_UTF8));
    return *this;
}

Statement& Statement::bind(int index, std::int64_t value) {
    check(sqlite3_bind_int64(statement_, index, value));
    return *this;
}

Statement& Statement::bind(int index, std::uint64_t value) {
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        throw SqliteError(SQLITE_MISMATCH, 0, database_.file().filename().string(),
                          std::to_string(value) + " is larger than the largest integer of SQLite");
    }
    return bind(index, static_cast<std::int64_t>(value));
}

Statement& Statement::bind(int index, double value) {
    check(sqlite3_bind_double(statement_, index, value));
    return *this;
}

Statement& Statement::bind(int index, std::nullopt_t) {
    check(sqlite3_bind_null(statement_, index));
    return *this;
}

bool Statement::step() {
    const int result = sqlite3_step(statement_);
    if (result == SQLITE_ROW) return true;
    // Reset at once, so that the statement holds no lock and accepts the next bind.
    sqlite3_reset(statement_);
    if (result != SQLITE_DONE) database_.fail(result);
    return false;
}

void Statement::run() {
    while (step()) {
    }
}

void Statement::reset() { sqlite3_reset(statement_); }

int Statement::columns() const { return sqlite3_column_count(statement_); }

// Without this, SQLite answers NULL for a column that is not there.
void Statement::requireColumn(int column) const {
    if (column >= 0 && column < sqlite3_data_count(statement_)) return;
    throw SqliteError(SQLITE_RANGE, 0, database_.file().filename().string(),
                      "there is no row, or the row has no column " + std::to_string(column));
}

bool Statement::isNull(int column) const {
    requireColumn(column);
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
    requireColumn(column);
    return sqlite3_column_int64(statement_, column);
}

double Statement::real(int column) const {
    requireColumn(column);
    return sqlite3_column_double(statement_, column);
}

std::string Statement::text(int column) const {
    requireColumn(column);
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    if (bytes == nullptr) {  // NULL, an empty text, or no memory
        if (sqlite3_errcode(database_.handle()) == SQLITE_NOMEM) database_.fail(SQLITE_NOMEM);
        return {};
    }
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::optional<std::string> Statement::optionalText(int column) const {
    if (isNull(column)) return std::nullopt;
    return text(column);
}

}  // namespace sheafline::sqlite
