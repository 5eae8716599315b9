#include "history/postgres/postgres_rows.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <regex>

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

}  // namespace

std::string ofManyRows(std::string_view sql) {
    static const std::regex parameter(R"(\?(\d+))");
    static const std::regex values(R"(\bVALUES\s*\(((?:[^()]|\([^()]*\))*)\))");
    const std::string text(sql);
    int last = 0;
    for (std::sregex_iterator found(text.begin(), text.end(), parameter), end; found != end;
         ++found)
        last = std::max(last, std::stoi((*found)[1]));
    std::string arrays;
    std::string names;
    for (int index = 1; index <= last; ++index) {
        const std::string number = std::to_string(index);
        arrays += (index == 1 ? "?" : ", ?") + number;
        names += (index == 1 ? "c" : ", c") + number;
    }
    const std::string rows = "unnest(" + arrays + ") AS r(" + names + ")";
    std::string result = std::regex_replace(text, parameter, "r.c$1");
    if (text.starts_with("INSERT")) {
        // The word WHERE keeps ON CONFLICT apart from a join.
        result = std::regex_replace(result, values, "SELECT $1 FROM :rows WHERE true",
                                    std::regex_constants::format_first_only);
    } else {
        const std::size_t where = result.find(" WHERE ");
        if (where != std::string::npos)
            result.insert(where, text.starts_with("UPDATE") ? " FROM :rows" : " USING :rows");
    }
    const std::size_t place = result.find(":rows");
    if (place == std::string::npos || last == 0)
        wrongUse("a statement for many rows is INSERT … VALUES, UPDATE … WHERE or DELETE … WHERE");
    return result.replace(place, 5, rows);
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
