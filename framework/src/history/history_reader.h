// Reads the history while the owner writes it. One thread at a time; opening costs a file handle,
// so threads have a reader each.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sheafline/sheets.h>
#include <sheafline/sink.h>

#include "base/sql/database.h"
#include "base/sql/place.h"
#include "history/change.h"
#include "history/review/doubt_rows.h"

namespace sheafline {

struct BatchRow {
    std::string batch_id{};
    std::string pipeline{};
    std::string pipeline_file{};
    std::string pipeline_text{};
    std::string params{};
    std::string user{};
    BatchState state = BatchState::queued;
    int execution = 1;
    std::string owner{};               // the server that changed it last
    std::optional<bool> owner_lost{};  // with several servers: its lease has run out
    std::string created_at{};
    std::optional<std::string> finished_at{};
    std::uint64_t seq = 0;
    std::uint64_t sheets_total = 0;
    std::uint64_t sheets_read = 0;
    std::uint64_t sheets_quarantined = 0;
    std::uint64_t sheets_discarded = 0;
    std::optional<std::uint64_t> sheets_doubtful{};  // unknown before the history was migrated
    std::optional<std::uint64_t> answers_doubtful{};
    std::optional<std::uint64_t> entries_total{};  // of the archive; unknown without one
    std::optional<std::uint64_t> entries_ignored{};
    bool sheets_frozen = false;
    std::vector<std::string> columns{};
    std::optional<Outcome> outcome{};
    std::optional<EventError> stop_error{};  // why it is interrupted, where an error did that
    std::string name{};
    std::string file_name{};
    std::string labels = "{}";  // JSON object of texts
    std::string exam{};         // the param of this name
    std::int64_t created_ms = 0;
    std::int64_t row_id = 0;  // with created_ms: its place in lists

    // What failed or interrupted it.
    const std::optional<EventError>& error() const { return outcome ? outcome->error : stop_error; }
};

enum class BatchSort { newest, oldest, by_name };

// Where a page of a list begins: after this batch.
struct BatchPlace {
    std::int64_t created_ms = 0;
    std::int64_t row_id = 0;
    std::string name{};  // for BatchSort::by_name
};

struct BatchFilter {
    std::optional<std::string> user{};  // batches that this user owns or that are shared with it
    std::optional<BatchState> state{};
    std::optional<std::string> pipeline{};
    // A part of the id, the name, the file's name, the exam or a label as "key=value". The case of
    // ASCII letters does not matter.
    std::string text{};
    BatchSort sort = BatchSort::newest;
    std::optional<BatchPlace> after{};
    int limit = 1000;
};

struct StageRow {
    std::string stage_id{};
    std::string stage{};
    std::string plugin{};
    std::string plugin_version{};
    bool in_finally = false;
    StageState state = StageState::pending;
    int attempt = 0;
    int crashes = 0;
    std::optional<std::string> fingerprint{};
    std::optional<std::string> checkpoint{};
    std::string boot_id{};
    std::optional<std::string> started_at{};
    std::optional<std::string> finished_at{};
    std::optional<double> elapsed_seconds{};
    double done = 0;
    double total = 0;
    std::uint64_t failed = 0;
    std::optional<std::string> error{};
    bool changes_only = false;               // it does only what people's decisions change
    std::optional<double> active_seconds{};  // of work alone, as of the newest event
};

class HistoryReader {
 public:
    // Throws Error (NO_HISTORY) if there is no history yet, (HISTORY_TOO_NEW) if a newer program
    // made it.
    explicit HistoryReader(const sql::Place& place);

    std::optional<BatchRow> batch(std::string_view batch_id);
    std::vector<BatchRow> batches(const BatchFilter& filter);  // the newest first
    std::vector<BatchRow> unfinished();                        // the oldest first
    std::vector<BatchRow> endedBefore(std::string_view utc);   // a few of them
    std::map<std::string, std::uint64_t> countByState();
    DoubtCounts countDoubts();                                  // of all batches
    std::map<std::string, std::uint64_t> countRunningStages();  // by the `stage` of their events
    std::vector<StageRow> stages(std::string_view batch_id, int execution);
    std::vector<ArtifactRow> artifacts(std::string_view batch_id);
    // Those of an apply that has not succeeded yet.
    std::vector<ArtifactRow> heldArtifacts(std::string_view batch_id);
    // Entries of the archive that are not sheets, in its order.
    std::vector<SkippedEntry> ignored(std::string_view batch_id, std::int64_t after = 0,
                                      int limit = INT32_MAX);

    std::vector<Sheet> sheets(std::string_view batch_id);
    std::optional<Sheet> sheet(std::string_view batch_id, int number);
    std::vector<Sheet> sheetsAfter(std::string_view batch_id, int number,
                                   std::optional<SheetState> state, int limit);
    // What a processor read, with what people decided.
    std::optional<Reading> reading(std::string_view batch_id, int number);
    std::optional<std::vector<std::string>> row(std::string_view batch_id, int number);

    // Committed events in order: of one batch after a seq, or of all after an event id.
    std::vector<CommittedEvent> eventsOf(std::string_view batch_id, std::uint64_t after_seq,
                                         int limit);
    std::vector<CommittedEvent> eventsAfter(std::int64_t event_id, int limit);
    // Of one batch, those with an id in (after_id, last_id]. Reads no event of another batch.
    std::vector<CommittedEvent> eventsBetween(std::string_view batch_id, std::int64_t after_id,
                                              std::int64_t last_id, int limit);
    std::int64_t firstEventId(std::string_view batch_id);  // 0 for a batch without events
    std::int64_t lastEventId();
    std::optional<std::int64_t> cursor(std::string_view sink);

    // For readers of single tables, on the same thread.
    sql::Database& database() { return database_; }

 private:
    std::vector<ArtifactRow> artifactsIn(const std::string& table, std::string_view batch_id);

    const std::unique_ptr<sql::Database> store_;
    sql::Database& database_;
};

}  // namespace sheafline
