// A statement of a PostgresStore, which it borrows.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/sql/prepared.h"
#include "history/postgres/postgres_store.h"

namespace sheafline::postgres {

class PostgresStatement : public sql::Prepared {
 public:
    PostgresStatement(PostgresStore& store, PreparedText& text)
        : store_(store), text_(text), values_(text.used.size()) {}

    void bindText(int index, std::string_view text) override;
    void bindInteger(int index, std::int64_t number) override;
    void bindReal(int index, double number) override;
    void bindNull(int index) override { value(index) = {}; }
    bool step() override;
    void run() override;
    void reset() override { rows_.reset(); }
    void addRow() override;
    void runRows() override { addRow(); }
    bool isNull(int column) const override;
    std::int64_t integer(int column) const override;
    double real(int column) const override;
    std::string text(int column) const override;

 private:
    Value& value(int index);
    std::string_view shown(int column) const;  // the value as text

    PostgresStore& store_;
    PreparedText& text_;
    std::vector<Value> values_;
    Result rows_{};
    int row_ = 0;
};

}  // namespace sheafline::postgres
