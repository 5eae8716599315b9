// The doubts of a batch as rows: one for each flag of a sheet that was read. A sheet in any other
// state has none. They follow from the stored readings and rows; nothing else writes them. Used by
// SheetChanges inside its transaction. One thread.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "base/sql/statement.h"
#include "history/review/flag_list.h"

namespace sheafline {

struct DoubtCounts {
    std::uint64_t sheets = 0;   // with at least one doubt
    std::uint64_t answers = 0;  // in doubt; a flag of the whole sheet is not one
};

class DoubtRows {
 public:
    explicit DoubtRows(sql::Database& database);

    // The flags of a whole sheet that a row has, and no reading: `collect` adds them.
    static std::set<Flag> inRow(const std::string& row);

    // Both set the doubts of a sheet to `now`, and replace what it contributed to the counts of its
    // batch. The sheet's reading is stored before.
    void storeAll(const std::string& batch_id, int number, const std::set<Flag>& before,
                  const std::set<Flag>& now, DoubtCounts& counts);
    // As storeAll(), if only the flags of the whole sheet may differ.
    void storeOfSheet(const std::string& batch_id, int number, const std::set<Flag>& before,
                      const std::set<Flag>& now, DoubtCounts& counts);

    // After many sheets changed their state at once; the counts in `batches` are correct then.
    static void dropOfUnreadSheets(sql::Database& database, const std::string& batch_id);

 private:
    void add(const std::string& batch_id, int number, const Flag& doubt);

    sql::Statement forget_, forget_of_sheet_, add_;
};

}  // namespace sheafline
