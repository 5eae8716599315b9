// The doubts of a batch as rows: one for each flag of a sheet that was read. A sheet in any other
// state has none. They follow from the stored readings and rows; nothing else writes them. Used by
// ChangeWriter inside its transaction. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/sql/statement.h"

namespace sheafline {

struct DoubtCounts {
    std::uint64_t sheets = 0;   // with at least one doubt
    std::uint64_t answers = 0;  // in doubt; a flag of the whole sheet is not one
};

class DoubtRows {
 public:
    explicit DoubtRows(sql::Database& database);

    // After the reading or the state of a sheet changed. `counts` are those of its batch.
    void updateFromReading(const std::string& batch_id, int number, DoubtCounts& counts);
    // After the row of a sheet changed: `collect` adds flags of the whole sheet, which no reading
    // has.
    void updateFromRow(const std::string& batch_id, int number, const std::string& row,
                       DoubtCounts& counts);

    // After many sheets changed their state at once; the counts in `batches` are correct then.
    static void dropOfUnreadSheets(sql::Database& database, const std::string& batch_id);

 private:
    DoubtCounts countsOf(const std::string& batch_id, int number);
    void add(const std::string& batch_id, int number, const std::string& field,
             const std::string& flag);

    sql::Statement count_, forget_, forget_of_sheet_, flags_, add_;
};

}  // namespace sheafline
