// The part of a Change that is about sheets: new ones, and what their stages found. Used by
// ChangeWriter inside its transaction. One thread.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "base/sql/database.h"
#include "history/batch_tally.h"
#include "history/change.h"
#include "history/changes/stored_sheets.h"

namespace sheafline {

class DecisionWriter;

class SheetChanges {
 public:
    SheetChanges(sql::Database& database, DecisionWriter& decisions);
    ~SheetChanges();

    // Counts in `tally`, which is that of the batch. Throws Error (NO_SUCH_SHEET).
    void apply(const Change& change, BatchTally& tally);

 private:
    struct Statements;

    void add(const std::string& batch_id, const std::vector<Sheet>& sheets, BatchTally& tally);
    void changeSome(const std::string& batch_id, std::span<const ChangedSheet> sheets,
                    BatchTally& tally);
    void changeOne(const std::string& batch_id, const ChangedSheet& sheet,
                   const StoredSheet* stored, int execution);
    void storeDoubts(const std::string& batch_id, const ChangedSheet& sheet,
                     const StoredSheet& stored, DoubtCounts& counts);

    const std::unique_ptr<Statements> sql_;
    DecisionWriter& decisions_;
    DoubtRows doubts_;
    StoredSheets stored_;
};

}  // namespace sheafline
