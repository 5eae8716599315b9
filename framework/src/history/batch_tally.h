// The counters of one batch, so that an event needs no query: its next seq, its sheets by state,
// its age and its overall percentage. A value; no SQL and no clock.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "history/change.h"
#include "history/event_json.h"
#include "history/review/doubt_rows.h"

namespace sheafline {

// Two clocks at one moment.
struct Moment {
    std::int64_t wall_ms = 0;
    std::int64_t boot_ms = 0;  // since the machine's start: no clock change moves it
};

struct BatchTally {
    // What counts of one stage.
    struct Stage {
        double weight = 1;
        bool in_overall =
            true;          // whether its share counts for the overall percentage; not for `finally`
        double share = 0;  // 0 to 1, of this execution
        std::uint64_t failed_before = 0;  // sheets that were quarantined when it started
    };

    std::uint64_t seq = 0;
    int execution = 1;
    std::int64_t elapsed_seconds = 0;
    Moment created{};
    bool same_boot = false;  // whether the machine has run without a restart since then
    std::uint64_t total = 0;
    std::uint64_t read = 0;
    std::uint64_t quarantined = 0;
    std::uint64_t discarded = 0;
    DoubtCounts doubtful{};
    int overall_tenths = 0;
    BatchState state = BatchState::queued;
    std::map<std::string, Stage, std::less<>> stages{};

    // Throws Error (STATE_CHANGED) if another commit has changed the batch meanwhile.
    void require(const Expected& expected) const;
    void moveSheet(SheetState from, SheetState to);
    // The sheets that were quarantined since this stage started.
    std::uint64_t failedSince(const Stage& stage) const;
    // Counts one event and returns what it shows besides its draft.
    EventFrame addEvent(const std::string& batch_id, const EventDraft& draft, const Moment& now);

 private:
    std::uint64_t* counterOf(SheetState of);
    void updateOverall();
};

}  // namespace sheafline
