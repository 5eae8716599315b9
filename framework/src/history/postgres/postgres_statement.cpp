#include "history/postgres/postgres_statement.h"

#include <bit>
#include <charconv>
#include <libpq-fe.h>

#include <sheafline/error.h>
#include <sheafline/utf8.h>

#include "history/postgres/postgres_bytes.h"
#include "history/postgres/postgres_types.h"

namespace sheafline::postgres {

namespace {

template <typename Number>
Number numberIn(std::string_view text) {
    if (text == "t") return 1;
    Number number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

}  // namespace

Value& PostgresStatement::value(int index) {
    rows_.reset();
    const auto place = static_cast<std::size_t>(index);
    if (place == 0) wrongUse("a statement has no parameter 0");
    // SQLite accepts a value for a parameter that the statement does not use, too.
    if (place > values_.size()) values_.resize(place);
    return values_[place - 1];
}

void PostgresStatement::bindText(int index, std::string_view text) {
    value(index) = {.null = false, .bytes = std::string(text)};
}

void PostgresStatement::bindInteger(int index, std::int64_t number) {
    value(index) = {
        .type = kInt8, .null = false, .bytes = bigEndian(static_cast<std::uint64_t>(number))};
}

void PostgresStatement::bindReal(int index, double number) {
    value(index) = {
        .type = kFloat8, .null = false, .bytes = bigEndian(std::bit_cast<std::uint64_t>(number))};
}

bool PostgresStatement::step() {
    if (!rows_) {
        rows_ = store_.run(text_, values_, true);
        row_ = -1;
    }
    if (++row_ < PQntuples(rows_.get())) return true;
    rows_.reset();
    return false;
}

void PostgresStatement::run() {
    if (rows_)
        rows_.reset();
    else
        store_.run(text_, values_, false);
}

void PostgresStatement::addRow() { wrongUse("the statement was not prepared for many rows"); }

std::string_view PostgresStatement::shown(int column) const {
    if (!rows_ || column < 0 || column >= PQnfields(rows_.get()))
        wrongUse("there is no row, or the row has no column " + std::to_string(column));
    return {PQgetvalue(rows_.get(), row_, column),
            static_cast<std::size_t>(PQgetlength(rows_.get(), row_, column))};
}

bool PostgresStatement::isNull(int column) const {
    static_cast<void>(shown(column));
    return PQgetisnull(rows_.get(), row_, column) == 1;
}

std::int64_t PostgresStatement::integer(int column) const {
    return numberIn<std::int64_t>(shown(column));
}

double PostgresStatement::real(int column) const { return numberIn<double>(shown(column)); }

std::string PostgresStatement::text(int column) const {
    const std::string_view value = shown(column);
    if (PQftype(rows_.get(), column) != kBytea) return std::string(value);
    std::size_t size = 0;
    unsigned char* bytes =
        PQunescapeBytea(reinterpret_cast<const unsigned char*>(value.data()), &size);
    if (bytes == nullptr) throw std::bad_alloc();
    std::string text(reinterpret_cast<const char*>(bytes), size);
    PQfreemem(bytes);
    return text;
}

}  // namespace sheafline::postgres
