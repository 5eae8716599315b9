// The SQL with which a Change enters the tables of the history. Prepared once: a statement costs
// more to prepare than to run. One thread.
#pragma once

#include <string>

#include "base/sql/statement.h"
#include "history/batch_tally.h"

namespace sheafline {

struct ChangeStatements {
    explicit ChangeStatements(sql::Database& db);

    void storeNew(const std::string& batch_id, const NewBatch& batch, const std::string& owner_id);
    void storeTitle(const std::string& batch_id, const NewTitle& change);
    void storeOutcome(const std::string& batch_id, const Outcome& change);
    // The reason of an interruption stays until the state changes again. An outcome keeps its
    // error.
    void storeStopError(const std::string& batch_id, const std::optional<EventError>& error);

    sql::Statement create, title, exists, load, load_stages, plan, stage_state, stage_started,
        stage_finished, stage_attempt, stage_fingerprint, stage_checkpoint, stage_error,
        stage_crashed, stage_rests, stages_rest, artifact, held_artifact, outcome, stop_error,
        last_event, cursor;
};

// The counters of a batch as the tables have them. Throws Error (NO_SUCH_BATCH).
BatchTally loadTally(ChangeStatements& sql, const std::string& batch_id);

}  // namespace sheafline
