// Puts people's decisions into the tables of the history, inside a transaction of the caller, and
// makes them count. Before an apply changes a sheet of a batch that has ended, the sheet's rows are
// copied to `kept`; if the apply fails, everything is restored from there. One thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sheafline/sheets.h>

#include "base/sql/database.h"
#include "base/sql/statement.h"
#include "history/decisions/decision.h"
#include "history/states.h"

namespace sheafline {

class DecisionWriter {
 public:
    explicit DecisionWriter(sql::Database& database);

    // Throws DecisionConflict if somebody else decided first, and Error (NO_SUCH_SHEET,
    // SHEET_NOT_READ, NO_SUCH_DECISION, NOTHING_TO_UNDO) if a decision is about nothing.
    void add(const std::string& batch_id, const NewDecisions& decisions);
    // Called before the execution of a reversible apply is opened.
    void begin(const std::string& batch_id);
    // The batch already has the execution in which the decisions count.
    void apply(const std::string& batch_id, const ApplyDecisions& apply);
    // Called before a sheet changes; does nothing unless a reversible apply is under way.
    void keep(const std::string& batch_id, int sheet);
    void keepAll(const std::string& batch_id);
    void settle(const std::string& batch_id, int sheet, const Reading& reading);
    // The batch waits for people from now on, or does not.
    void noteReview(const std::string& batch_id, bool waits);
    void forgetSettled(const std::string& batch_id, int sheet);
    // The execution ends in `state`. Gives the state that the batch has again if that was a
    // reversible apply that did not succeed; the counts of its sheets have then changed.
    std::optional<BatchState> end(const std::string& batch_id, BatchState state);

 private:
    int addOne(const std::string& batch_id, const NewDecision& decision,
               const NewDecisions& decisions);
    void undoPending(const std::string& batch_id, int id, int by);
    std::optional<Decision> earlier(const std::string& batch_id, const NewDecision& decision);
    void checkConflicts(const std::string& batch_id, const NewDecisions& decisions);
    void changeSheet(const std::string& batch_id, const Decision& decision);
    void scoreAgain(const std::string& batch_id);
    void undo(const std::string& batch_id, const Decision& undone);
    void restore(const std::string& batch_id);
    void countSheets(const std::string& batch_id, const std::vector<int>& changed);

    sql::Database& database_;
    sql::Statement keep_;  // one sheet
    sql::Statement keep_all_;
    sql::Statement settle_;
    sql::Statement forget_settled_;
};

}  // namespace sheafline
