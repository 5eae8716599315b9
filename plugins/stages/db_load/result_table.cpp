#include "result_table.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <set>
#include <utility>

#include <sheafline/error.h>

namespace sheafline::db_load {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t kLongestName = 63;    // PostgreSQL truncates longer names
constexpr std::size_t kMostColumns = 1600;  // PostgreSQL; SQLite has 2000

ColumnType typeOf(std::string_view column) {
    if (column == "sheet" || column == "page") return ColumnType::integer;
    if (column == "score" || column == "confidence") return ColumnType::numeric;
    return ColumnType::text;
}

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

template <typename Number>
bool isWhole(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
}

// A decimal number as SQL writes it: no "inf", no "nan", no hexadecimal.
bool isDecimal(std::string_view text) {
    return text.find_first_not_of("0123456789+-.eE"sv) == std::string_view::npos &&
           isWhole<double>(text);
}

}  // namespace

std::string_view sqlName(ColumnType type) {
    switch (type) {
        case ColumnType::integer:
            return "integer";
        case ColumnType::numeric:
            return "numeric";
        case ColumnType::text:
            break;
    }
    return "text";
}

std::string quotedIdentifier(std::string_view name) {
    std::string text = "\"";
    for (const char c : name) {
        if (c == '"') text += '"';
        text += c;
    }
    return text += '"';
}

std::string quotedTable(std::string_view name) {
    const std::size_t dot = name.find('.');
    if (dot == std::string_view::npos) return quotedIdentifier(name);
    return quotedIdentifier(name.substr(0, dot)) + "." + quotedIdentifier(name.substr(dot + 1));
}

std::string ResultTable::schema() const { return name_.substr(0, name_.find('.') + 1); }

std::string ResultTable::keyText() const { return "batch_id, " + keyColumn(); }

bool ResultTable::isKey(std::string_view column) const {
    return column == "batch_id" || column == "sheet" || column == keyColumn();
}

ResultTable::ResultTable(std::string name, const std::vector<std::string>& columns)
    : ResultTable(std::move(name), columns, rowKeyOf(columns)) {}

ResultTable::ResultTable(std::string name, const std::vector<std::string>& columns, RowKey key)
    : name_(std::move(name)), key_(key) {
    const auto reject = [this](const std::string& reason) {
        throw Error(ErrorClass::permanent, "SCHEMA",
                    "no table " + name_ + " can be made of the results: " + reason);
    };
    if (columns.size() > kMostColumns) {
        reject("they have " + std::to_string(columns.size()) + " columns, and databases allow " +
               std::to_string(kMostColumns));
    }
    std::set<std::string> seen;
    for (const std::string& column : columns) {
        if (column.empty() || column.size() > kLongestName ||
            column.find('\0') != std::string::npos) {
            reject("the column '" + column.substr(0, 80) +
                   "' needs a name of 1 to 63 bytes; change it in the template");
        }
        if (!seen.insert(lower(column)).second) {
            reject("two columns are called '" + column + "'; change one in the template");
        }
        columns_.push_back({.name = column, .type = typeOf(column)});
    }
}

std::string ResultTable::createSql() const {
    std::string sql = "CREATE TABLE " + quotedTable(name_) + " (";
    for (const Column& column : columns_) {
        sql += quotedIdentifier(column.name) + " " + std::string(sqlName(column.type));
        sql += isKey(column.name) ? " NOT NULL, " : ", ";
    }
    return sql + R"(PRIMARY KEY ("batch_id", )" + quotedIdentifier(keyColumn()) + "))";
}

std::string ResultTable::columnList() const {
    std::string list;
    for (const Column& column : columns_) {
        if (!list.empty()) list += ", ";
        list += quotedIdentifier(column.name);
    }
    return list;
}

std::string ResultTable::onConflict() const {
    std::string sets;
    for (const Column& column : columns_) {
        if (column.name == "batch_id" || column.name == keyColumn()) continue;
        if (!sets.empty()) sets += ", ";
        const std::string name = quotedIdentifier(column.name);
        sets.append(name).append(" = excluded.").append(name);
    }
    return R"(ON CONFLICT ("batch_id", )" + quotedIdentifier(keyColumn()) + ") DO UPDATE SET " +
           sets;
}

std::string ResultTable::addColumnSql(const Column& column) const {
    return "ALTER TABLE " + quotedTable(name_) + " ADD COLUMN " + quotedIdentifier(column.name) +
           " " + std::string(sqlName(column.type));
}

std::string ResultTable::whyRejected(const Row& row) const {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        const std::string& value = row[i];
        const ColumnType type = columns_[i].type;
        const auto reason = [&](const char* what) { return columns_[i].name + " " + what; };
        if (value.find('\0') != std::string::npos) return reason("has a NUL byte in it");
        if (value.empty() || type == ColumnType::text) continue;
        if (type == ColumnType::integer && !isWhole<int>(value))
            return reason("is not a whole number");
        if (type == ColumnType::numeric && !isDecimal(value)) return reason("is not a number");
    }
    return {};
}

}  // namespace sheafline::db_load
