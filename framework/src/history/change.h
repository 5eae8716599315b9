// What one commit changes in one batch. Stages (through their process), the upload and the owner
// all say what happened as a Change; the history applies it whole, in one transaction, or not at
// all. A value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/processor.h>
#include <sheafline/sheets.h>

namespace sheafline {

enum class BatchState {
    uploading,
    queued,
    running,
    retrying,
    cancelling,
    interrupted,
    completed,
    failed,
    cancelled
};
enum class StageState { pending, running, retrying, completed, failed, skipped, cancelled };

std::string_view toString(BatchState state);
std::string_view toString(StageState state);
BatchState batchState(std::string_view text);  // these throw Error for a text that is none
StageState stageState(std::string_view text);
SheetState sheetState(std::string_view text);
bool isFinal(BatchState state);

struct EventError {
    std::string code{};
    std::string message{};
    std::string stage{};  // the id of the stage that failed
};

// An event before it has a number: the history adds seq, counts, times and the overall percentage.
struct EventDraft {
    std::string stage_id{};
    std::string stage{};
    std::string message{};
    double done = 0;
    double total = 0;
    bool complete = false;  // 100 %, whatever the counts say
    int attempt = 0;        // 0: does not apply
    std::optional<double> eta_seconds{};
    std::optional<double> rate_per_second{};
    std::optional<EventError> error{};
};

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

// One change of one sheet; what is not set stays.
struct ChangedSheet {
    int number = 0;
    std::optional<std::string> path{};
    std::optional<std::string> qr{};
    std::optional<std::string> group{};
    std::optional<SheetState> state{};
    std::optional<std::string> reason{};
    bool attempt_failed = false;
    std::optional<Reading> reading{};
    std::optional<std::string> row{};  // JSON array of texts
    bool by_hand = false;              // a person decided: attempts count from the start
};

struct SkippedEntry {
    std::string file{};
    std::string reason{};
};

struct ArtifactRow {
    std::string name{};
    std::uint64_t size_bytes = 0;
    std::string sha256{};
};

// How the work ended, committed before the owed `finally` stages run.
struct Outcome {
    BatchState state = BatchState::completed;
    std::optional<EventError> error{};
};

// The next execution of a batch: a stage that is not in `reruns` keeps its result.
enum class SheetChoice {
    none,
    quarantined,
    all,
    scores,  // of `readings` only: sheets that were read wait for new scores, with their readings
};
struct RerunStage {
    std::string stage_id{};
    bool keeps_checkpoint = true;
};
struct NextExecution {
    std::vector<RerunStage> reruns{};
    SheetChoice readings = SheetChoice::none;  // which sheets a processor reads again
    SheetChoice codes = SheetChoice::none;     // of which sheets the codes are read again, except
                                               // codes that a person entered
};

struct NewBatch {
    std::string pipeline{};
    std::string pipeline_file{};
    std::string pipeline_text{};
    std::string params{};  // JSON object of texts
    std::string user{};
    BatchState state = BatchState::queued;
};

// What a decision about a batch was based on; another commit may have come between.
struct Expected {
    std::vector<BatchState> states{};  // one of these
    int execution = 0;                 // 0: any
};
Expected notEnded();

struct Change {
    std::string batch_id{};
    // If the batch is different now, the change is rejected with Error (STATE_CHANGED). It is not
    // encoded, because only the owner decides about a batch as a whole.
    std::optional<Expected> expected{};
    std::optional<NewBatch> create{};
    std::optional<NextExecution> next_execution{};
    std::optional<BatchState> state{};
    std::vector<NewStage> plan{};
    std::vector<ChangedStage> stages{};
    std::vector<Sheet> new_sheets{};
    bool freeze_sheets = false;
    std::vector<ChangedSheet> sheets{};
    std::vector<SkippedEntry> skipped{};
    std::optional<std::vector<std::string>> columns{};
    std::vector<ArtifactRow> artifacts{};
    std::optional<Outcome> outcome{};
    bool remove = false;  // all that is known of it; alone. Its id is not given out again
    std::vector<EventDraft> events{};  // last: they show the counts that the rest leads to

    bool empty() const;
};

std::string encode(const Change& change);
// Throws Error (WIRE) where the bytes are not those of encode(): a cut text, an unknown state.
Change decodeChange(std::string_view bytes);

// A list of texts as a JSON array, and back: how values and rows stand in the history.
std::string jsonArray(const std::vector<std::string>& texts);
std::vector<std::string> textsOf(std::string_view json_array);

}  // namespace sheafline
