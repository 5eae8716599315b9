// Copies the rows of one table into a table of the same columns in another database. One thread.
//
//     RowCopy{from, to}.run({"removed", "t:batch_id", "1"});
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/sql/database.h"

namespace sheafline {

// The columns with their kinds: t a text, i an integer, r a number with a fraction, e the id of an
// event, p params, which name files.
struct CopiedTable {
    const char* name = nullptr;
    const char* columns = nullptr;
    const char* order = "1, 2";
};

struct RowCopy {
    sql::Database& from;
    sql::Database& to;
    std::int64_t first_id = 0;  // added to the ids of events
    std::string old_files{};    // replaced in params
    std::string new_files{};

    // Of the rows for which `where` is true. Those that break a unique key are left out if
    // `leaves_out`, and otherwise an error. Returns how many rows there were.
    std::int64_t run(const CopiedTable& table, const std::string& where = "1 = 1",
                     bool leaves_out = false) const;
};

// `text` with each `old_text` replaced.
std::string replaced(std::string text, std::string_view old_text, std::string_view new_text);

// Throws Error (DATABASE) if the table has another number of rows.
void requireRows(sql::Database& database, std::string_view table, std::int64_t rows);

}  // namespace sheafline
