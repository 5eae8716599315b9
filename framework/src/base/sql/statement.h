// A prepared statement. Bind all parameters, then run() it, or step() through its rows. It borrows
// the database; one thread.
//
//     sql::Statement(database, "DELETE FROM rows WHERE batch_id = ?1").bind(1, id).run();
//
// A statement that changes many rows in the same way gets them one after the other:
//
//     sql::Statement move(database, "UPDATE sheets SET state = ?2 WHERE number = ?1", Rows::many);
//     for (const Sheet& sheet : sheets) move.bind(1, sheet.number).bind(2, state).addRow();
//     move.runRows();
//
// SQLite runs such a statement for each row at once. PostgreSQL gets up to a thousand rows as
// arrays in one statement, which saves most of the cost of small statements. So no row may depend
// on another row of the same run, and nothing may read what the rows change before runRows().
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/sql/database.h"

namespace sheafline::sql {

class Statement {
 public:
    Statement(Database& database, std::string_view sql, Rows rows = Rows::one)
        : prepared_(database.prepare(sql, rows)) {}

    Statement& bind(int index, std::string_view value) {
        prepared_->bindText(index, value);
        return *this;
    }
    Statement& bind(int index, const std::string& value) {
        return bind(index, std::string_view(value));
    }
    Statement& bind(int index, const char* value) { return bind(index, std::string_view(value)); }
    Statement& bind(int index, std::int64_t value) {
        prepared_->bindInteger(index, value);
        return *this;
    }
    Statement& bind(int index, int value) { return bind(index, static_cast<std::int64_t>(value)); }
    Statement& bind(int index, std::uint64_t value);  // throws Error if it is too large
    Statement& bind(int index, double value) {
        prepared_->bindReal(index, value);
        return *this;
    }
    Statement& bind(int index, std::nullopt_t) {
        prepared_->bindNull(index);
        return *this;
    }
    template <typename T>
    Statement& bind(int index, const std::optional<T>& value) {
        return value ? bind(index, *value) : bind(index, std::nullopt);
    }

    bool step() { return prepared_->step(); }
    void run() { prepared_->run(); }
    void reset() { prepared_->reset(); }
    void addRow() { prepared_->addRow(); }
    void runRows() { prepared_->runRows(); }

    bool isNull(int column) const { return prepared_->isNull(column); }
    std::int64_t integer(int column) const { return prepared_->integer(column); }
    double real(int column) const { return prepared_->real(column); }
    std::string text(int column) const { return prepared_->text(column); }
    std::optional<std::string> optionalText(int column) const;

 private:
    std::unique_ptr<Prepared> prepared_;
};

std::int64_t integerOf(Database& database, std::string_view sql);  // of its first row

}  // namespace sheafline::sql
