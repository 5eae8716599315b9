#include "history/stores/copied_table.h"

#include <sstream>

#include <sheafline/error.h>

#include "base/sql/statement.h"

namespace sheafline {

namespace {

void copyValue(const RowCopy& copy, const sql::Statement& row, int column, char kind,
               sql::Statement& insert) {
    const int parameter = column + 1;
    if (row.isNull(column))
        insert.bind(parameter, std::nullopt);
    else if (kind == 'i')
        insert.bind(parameter, row.integer(column));
    else if (kind == 'e')
        insert.bind(parameter, copy.first_id + row.integer(column));
    else if (kind == 'r')
        insert.bind(parameter, row.real(column));
    else if (kind == 'p')
        insert.bind(parameter, replaced(row.text(column), copy.old_files, copy.new_files));
    else
        insert.bind(parameter, row.text(column));
}

}  // namespace

std::string replaced(std::string text, std::string_view old_text, std::string_view new_text) {
    if (old_text.empty() || old_text == new_text) return text;
    for (std::size_t at = 0; (at = text.find(old_text, at)) != std::string::npos;
         at += new_text.size())
        text.replace(at, old_text.size(), new_text);
    return text;
}

std::int64_t RowCopy::run(const CopiedTable& table, const std::string& where,
                          bool leaves_out) const {
    std::string kinds;
    std::string names;
    std::string parameters;
    std::istringstream columns(table.columns);
    for (std::string column; columns >> column;) {
        kinds += column[0];
        names += (names.empty() ? "\"" : ", \"") + column.substr(2) + '"';
        parameters += (parameters.empty() ? "?" : ", ?") + std::to_string(kinds.size());
    }
    const std::string name = table.name;
    sql::Statement rows(
        from, "SELECT " + names + " FROM " + name + " WHERE " + where + " ORDER BY " + table.order);
    sql::Statement insert(to, "INSERT INTO " + name + "(" + names + ") VALUES(" + parameters + ")" +
                                  (leaves_out ? " ON CONFLICT DO NOTHING" : ""));
    std::int64_t copied = 0;
    for (; rows.step(); ++copied) {
        for (std::size_t i = 0; i < kinds.size(); ++i)
            copyValue(*this, rows, static_cast<int>(i), kinds[i], insert);
        insert.run();
    }
    return copied;
}

void requireRows(sql::Database& database, std::string_view table, std::int64_t rows) {
    const std::string name(table);
    const std::int64_t stored = sql::integerOf(database, "SELECT count(*) FROM " + name);
    if (stored == rows) return;
    throw Error(ErrorClass::permanent, "DATABASE",
                "the table " + name + " has " + std::to_string(stored) + " of " +
                    std::to_string(rows) + " rows after the copy; nothing was kept");
}

}  // namespace sheafline
