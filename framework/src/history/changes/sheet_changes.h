// The part of a Change that is about sheets: new ones, and what their stages found. Used by
// ChangeWriter inside its transaction. One thread.
#pragma once

#include <memory>
#include <string>

#include "base/sql/database.h"
#include "history/batch_tally.h"
#include "history/change.h"

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

    void changeOne(const std::string& id, const ChangedSheet& sheet, BatchTally& tally);
    void move(const std::string& batch_id, int number, SheetState to, BatchTally& tally);

    const std::unique_ptr<Statements> sql_;
    DecisionWriter& decisions_;
    DoubtRows doubts_;
};

}  // namespace sheafline
