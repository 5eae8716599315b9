// What one commit changes in one batch. Batch processes, uploads and the owner send each change as
// a Change; the history applies all of it in one transaction, or nothing. A value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sheafline/processor.h>
#include <sheafline/sheets.h>

#include "history/decisions/decision.h"
#include "history/event_draft.h"
#include "history/reruns.h"
#include "history/shares/shares.h"
#include "history/states.h"

namespace sheafline {

struct NewStage {
    std::string stage_id{};
    std::string stage{};
    std::string plugin{};
    std::string plugin_version{};
    double weight = 1;
    bool in_finally = false;
};

struct ChangedStage {
    std::string stage_id{};
    std::optional<StageState> state{};
    std::optional<int> attempt{};
    std::optional<std::string> fingerprint{};
    std::optional<std::string> checkpoint{};
    std::optional<std::string> error{};
    bool crashed = false;  // one more crash of the batch's process in this stage
};

// Fields without a value stay as they are.
struct ChangedSheet {
    int number = 0;
    std::optional<std::string> path{};
    std::optional<std::string> qr{};
    std::optional<std::string> group{};
    std::optional<SheetState> state{};
    std::optional<std::string> reason{};
    bool attempt_failed = false;
    std::optional<Reading> reading{};
    std::optional<Reading> settled{};  // the reading with what people decided
    std::optional<std::string> row{};  // JSON array of texts
    bool by_hand = false;              // a person decided: attempts count from the start
};

struct SkippedEntry {
    std::string file{};
    std::string reason{};
    std::int64_t row_id = 0;  // as it is read: its place in lists
};

struct ArtifactRow {
    std::string name{};
    std::uint64_t size_bytes = 0;
    std::string sha256{};
    bool held = false;       // until the apply of decisions that wrote it has succeeded
    std::int64_t epoch = 0;  // of the owner that wrote it; not encoded: Change has it
};

// How the work ended, committed before the owed `finally` stages run.
struct Outcome {
    BatchState state = BatchState::completed;
    std::optional<EventError> error{};
};

struct NewBatch {
    std::string pipeline{};
    std::string pipeline_file{};
    std::string pipeline_text{};
    std::string params{};  // JSON object of texts
    std::string user{};
    BatchState state = BatchState::queued;
    std::string name{};
    std::string file_name{};    // as the sender calls the input
    std::string labels = "{}";  // JSON object of texts
    // Its creator runs it: with several servers, its lease begins with the batch, so that no other
    // server claims it. Its epoch is kFirstEpoch.
    bool with_lease = false;
};
constexpr std::int64_t kFirstEpoch = 1;

// What people call a batch. Fields without a value stay as they are.
struct NewTitle {
    std::optional<std::string> name{};
    std::optional<std::string> labels{};
};

// The state on which a decision about a batch was based; another commit may have changed it.
struct Expected {
    std::vector<BatchState> states{};  // one of these
    int execution = 0;                 // 0: any
    bool waits = false;                // no server runs it
};
inline Expected notEnded() {
    return {.states = {BatchState::uploading, BatchState::queued, BatchState::running,
                       BatchState::retrying, BatchState::cancelling, BatchState::interrupted,
                       BatchState::reviewing}};
}

struct Change {
    std::string batch_id{};
    // Of the lease under which the batch runs; 0: none. The change is rejected with Error (FENCED)
    // if another server has taken the batch over. Not encoded: the owner knows it.
    std::int64_t epoch = 0;
    // If the batch is different now, the change is rejected with Error (STATE_CHANGED). It is not
    // encoded, because only the owner decides about a batch as a whole.
    std::optional<Expected> expected{};
    std::optional<NewBatch> create{};
    std::optional<NewTitle> title{};    // not encoded either
    std::optional<NewShares> shares{};  // nor is this
    // Decisions are made and applied by the owner, so these two are not encoded either.
    std::optional<NewDecisions> decisions{};
    std::optional<ApplyDecisions> apply{};  // in the next execution, or in the current one
    std::optional<NextExecution> next_execution{};
    std::optional<BatchState> state{};
    // With several servers: why the server that claims the batch continues it. Not encoded.
    std::optional<std::string> waits_because{};
    std::vector<NewStage> plan{};
    std::vector<ChangedStage> stages{};
    std::vector<Sheet> new_sheets{};
    bool freeze_sheets = false;
    std::vector<ChangedSheet> sheets{};
    std::vector<SkippedEntry> skipped{};
    std::optional<std::uint64_t> entries_total{};  // of the archive
    std::optional<std::vector<std::string>> columns{};
    std::vector<ArtifactRow> artifacts{};
    std::optional<Outcome> outcome{};
    bool remove = false;  // deletes the batch; alone in its Change. Its id is not used again
    std::vector<EventDraft> events{};  // applied last: they show the resulting counts

    bool empty() const {
        return !create && !title && !shares && !decisions && !apply && !next_execution && !state &&
               plan.empty() && stages.empty() && new_sheets.empty() && !freeze_sheets &&
               sheets.empty() && skipped.empty() && !entries_total && !columns &&
               artifacts.empty() && !outcome && !remove && events.empty();
    }
};

}  // namespace sheafline
