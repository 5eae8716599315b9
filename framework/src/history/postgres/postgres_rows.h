// A statement of a PostgresStore that gets its rows as arrays, one for each parameter.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/sql/prepared.h"
#include "history/postgres/postgres_store.h"

namespace sheafline::postgres {

// The statement for arrays in place of single values: of "DELETE FROM rows WHERE number = ?1" it is
// "DELETE FROM rows USING unnest(?1) AS r(c1) WHERE number = r.c1". Understands INSERT … VALUES,
// UPDATE … WHERE and DELETE … WHERE.
std::string ofManyRows(std::string_view sql);

class PostgresRows : public sql::Prepared {
 public:
    PostgresRows(PostgresStore& store, PreparedText& text)
        : store_(store), text_(text), columns_(text.used.size()) {}

    void bindText(int index, std::string_view text) override;
    void bindInteger(int index, std::int64_t number) override;
    void bindReal(int index, double number) override;
    void bindNull(int index) override;
    void addRow() override;
    void runRows() override;

    bool step() override;
    void run() override;
    void reset() override;
    bool isNull(int column) const override;
    std::int64_t integer(int column) const override;
    double real(int column) const override;
    std::string text(int column) const override;

 private:
    struct Column {
        unsigned element = 0;  // its type; 0 until a value is bound that is not null
        bool has_null = false;
        std::string bound{};  // the value of the current row, with its length before it
        std::string rows{};   // the values of the rows before it
    };

    Column& column(int index, unsigned type);
    void dropUndone();
    void forget();

    PostgresStore& store_;
    PreparedText& text_;
    std::vector<Column> columns_;
    std::uint64_t part_ = 0;  // of the store, to which the rows belong
    std::uint32_t rows_ = 0;
    std::size_t size_bytes_ = 0;
};

}  // namespace sheafline::postgres
