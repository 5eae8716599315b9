#include "history/postgres/postgres_rows.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <limits>

#include "history/postgres/postgres_bytes.h"
#include "history/postgres/postgres_types.h"

namespace sheafline::postgres {

namespace {

constexpr std::uint32_t kMostRows = 1'000;
constexpr std::size_t kMostBytes = 1 << 20;
constexpr std::uint32_t kNull = std::numeric_limits<std::uint32_t>::max();  // as a length

unsigned arrayOf(unsigned element) {
    if (element == kInt8) return kInt8Array;
    return element == kFloat8 ? kFloat8Array : kTextArray;
}

[[noreturn]] void noRows() { wrongUse("a statement for many rows gives no rows"); }

// "?1" becomes "r.c1": the column of the row. `last` becomes the highest number.
std::string columnsForParameters(std::string_view sql, int& last) {
    std::string result;
    while (!sql.empty()) {
        const std::size_t mark = std::min(sql.find('?'), sql.size());
        result += sql.substr(0, mark);
        sql.remove_prefix(mark);
        if (sql.empty()) break;
        sql.remove_prefix(1);
        int number = 0;
        const auto* const end = std::from_chars(sql.data(), sql.data() + sql.size(), number).ptr;
        if (number < 1) wrongUse("a parameter of a statement for many rows has a number");
        last = std::max(last, number);
        result += "r.c" + std::to_string(number);
        sql.remove_prefix(static_cast<std::size_t>(end - sql.data()));
    }
    return result;
}

// VALUES(…) becomes a SELECT from the rows. The word WHERE keeps ON CONFLICT apart from a join.
void selectForValues(std::string& sql) {
    constexpr std::string_view kValues = " VALUES(";
    const std::size_t start = sql.find(kValues);
    if (start == std::string::npos) return;
    std::size_t end = start + kValues.size();
    for (int open = 1; end < sql.size(); ++end) {
        if (sql[end] == '(') ++open;
        if (sql[end] == ')' && --open == 0) break;
    }
    if (end == sql.size()) wrongUse("the statement for many rows lacks a closing parenthesis");
    sql.replace(end, 1, " FROM :rows WHERE true");
    sql.replace(start, kValues.size(), " SELECT ");
}

}  // namespace

std::string ofManyRows(std::string_view sql) {
    int last = 0;
    std::string result = columnsForParameters(sql, last);
    if (sql.starts_with("INSERT")) {
        selectForValues(result);
    } else {
        const std::size_t where = result.find(" WHERE ");
        if (where != std::string::npos)
            result.insert(where, sql.starts_with("UPDATE") ? " FROM :rows" : " USING :rows");
    }
    const std::size_t place = result.find(":rows");
    if (place == std::string::npos || last == 0)
        wrongUse("a statement for many rows is INSERT … VALUES, UPDATE … WHERE or DELETE … WHERE");
    std::string arrays;
    std::string names;
    for (int index = 1; index <= last; ++index) {
        const std::string number = std::to_string(index);
        arrays += (index == 1 ? "?" : ", ?") + number;
        names += (index == 1 ? "c" : ", c") + number;
    }
    return result.replace(place, 5, "unnest(" + arrays + ") AS r(" + names + ")");
}

PostgresRows::Column& PostgresRows::column(int index, unsigned type) {
    const auto place = static_cast<std::size_t>(index);
    if (place == 0 || place > columns_.size())
        wrongUse("the statement has no parameter " + std::to_string(index));
    Column& column = columns_[place - 1];
    if (type != 0 && column.element == 0) column.element = type;
    if (type != 0 && column.element != type)
        wrongUse("the rows have values of two types for parameter " + std::to_string(index));
    return column;
}

void PostgresRows::bindText(int index, std::string_view text) {
    std::string& bound = column(index, kText).bound;
    bound = bigEndian(static_cast<std::uint32_t>(text.size()));
    bound += text;
}

void PostgresRows::bindInteger(int index, std::int64_t number) {
    column(index, kInt8).bound =
        bigEndian(std::uint32_t{8}) + bigEndian(static_cast<std::uint64_t>(number));
}

void PostgresRows::bindReal(int index, double number) {
    column(index, kFloat8).bound =
        bigEndian(std::uint32_t{8}) + bigEndian(std::bit_cast<std::uint64_t>(number));
}

void PostgresRows::bindNull(int index) { column(index, 0).bound = bigEndian(kNull); }

void PostgresRows::addRow() {
    dropUndone();
    for (Column& column : columns_) {
        if (column.bound.empty()) column.bound = bigEndian(kNull);
        column.has_null = column.has_null || column.bound == bigEndian(kNull);
        column.rows += column.bound;
        size_bytes_ += column.bound.size();
    }
    if (++rows_ == kMostRows || size_bytes_ >= kMostBytes) runRows();
}

// An error came between the last addRow() and runRows(), and undid what the rows belong to.
void PostgresRows::dropUndone() {
    if (part_ != store_.part()) forget();
    part_ = store_.part();
}

void PostgresRows::runRows() {
    dropUndone();
    if (rows_ == 0) return;
    std::vector<Value> arrays;
    arrays.reserve(columns_.size());
    for (const Column& column : columns_) {
        const unsigned element = column.element == 0 ? kText : column.element;
        // One dimension, whose first index is 1.
        arrays.push_back({.type = arrayOf(element),
                          .null = false,
                          .bytes = bigEndian(std::uint32_t{1}) +
                                   bigEndian(std::uint32_t{column.has_null ? 1U : 0U}) +
                                   bigEndian(std::uint32_t{element}) + bigEndian(rows_) +
                                   bigEndian(std::uint32_t{1}) + column.rows});
    }
    forget();
    store_.run(text_, arrays, false);
}

void PostgresRows::forget() {
    for (Column& column : columns_) {
        column.rows.clear();
        column.has_null = false;
    }
    rows_ = 0;
    size_bytes_ = 0;
}

bool PostgresRows::step() { noRows(); }
void PostgresRows::run() { noRows(); }
void PostgresRows::reset() { forget(); }
bool PostgresRows::isNull(int) const { noRows(); }
std::int64_t PostgresRows::integer(int) const { noRows(); }
double PostgresRows::real(int) const { noRows(); }
std::string PostgresRows::text(int) const { noRows(); }

}  // namespace sheafline::postgres
