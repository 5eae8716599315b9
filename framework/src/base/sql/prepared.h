// One prepared statement of a Database, as a store provides it. sql::Statement is how it is used.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sheafline::sql {

enum class Rows {
    one,   // each run has its own values
    many,  // see Statement::addRow()
};

class Prepared {
 public:
    Prepared() = default;
    virtual ~Prepared() = default;
    Prepared(const Prepared&) = delete;
    Prepared& operator=(const Prepared&) = delete;

    // Parameters are numbered from 1. They stay bound until they are bound to another value.
    virtual void bindText(int index, std::string_view value) = 0;  // copies the bytes
    virtual void bindInteger(int index, std::int64_t value) = 0;
    virtual void bindReal(int index, double value) = 0;
    virtual void bindNull(int index) = 0;

    virtual bool step() = 0;  // false after the last row; then the statement is reset
    virtual void run() = 0;   // runs to the end; ready for the next bind
    virtual void reset() = 0;

    // Of a statement that was prepared for many rows: ends the row of the bound values.
    virtual void addRow() = 0;
    virtual void runRows() = 0;  // those that were added and have not run yet

    // Columns are numbered from 0. Throws Error if there is no row.
    virtual bool isNull(int column) const = 0;
    virtual std::int64_t integer(int column) const = 0;
    virtual double real(int column) const = 0;
    virtual std::string text(int column) const = 0;
};

}  // namespace sheafline::sql
