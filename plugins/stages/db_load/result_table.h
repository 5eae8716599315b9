// The table for a batch's rows: its columns with their types, its key, and SQL that both SQLite and
// PostgreSQL understand. The key is (batch_id, sheet), or (batch_id, student) if a row is a
// student. A value.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <sheafline/collected_row.h>

namespace sheafline::db_load {

enum class ColumnType { text, integer, numeric };

std::string_view sqlName(ColumnType type);

struct Column {
    std::string name;
    ColumnType type;
};

using Row = std::vector<std::string>;  // one text per column; an empty number is NULL

std::string quotedIdentifier(std::string_view name);
std::string quotedTable(std::string_view name);  // TABLE or SCHEMA.TABLE

class ResultTable {
 public:
    // Throws Error SCHEMA if no table can have these columns.
    ResultTable(std::string name, const std::vector<std::string>& columns);
    ResultTable(std::string name, const std::vector<std::string>& columns, RowKey key);

    const std::string& name() const { return name_; }
    std::string schema() const;  // "SCHEMA." or empty
    RowKey key() const { return key_; }
    // "batch_id, student": for messages.
    std::string keyText() const;
    const std::vector<Column>& columns() const { return columns_; }

    std::string createSql() const;
    std::string columnList() const;  // "batch_id", "sheet", …
    std::string onConflict() const;  // ON CONFLICT … DO UPDATE SET …
    std::string addColumnSql(const Column& column) const;

    // Why no table can hold the row; empty if one can.
    std::string whyRejected(const Row& row) const;

 private:
    bool isKey(std::string_view column) const;
    std::string keyColumn() const { return key_ == RowKey::sheet ? "sheet" : kStudentColumn; }

    const std::string name_;
    const RowKey key_;
    std::vector<Column> columns_;
};

}  // namespace sheafline::db_load
