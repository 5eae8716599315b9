#include "history/batch_tally.h"

#include <algorithm>

#include <sheafline/error.h>

#include "base/clocks.h"

namespace sheafline {

std::uint64_t* BatchTally::counterOf(SheetState of) {
    switch (of) {
        case SheetState::read:
            return &read;
        case SheetState::quarantined:
            return &quarantined;
        case SheetState::discarded:
            return &discarded;
        case SheetState::waiting:
            break;
    }
    return nullptr;
}

void BatchTally::require(const Expected& expected) const {
    const bool same_execution = expected.execution == 0 || expected.execution == execution;
    if (same_execution && std::ranges::find(expected.states, state) != expected.states.end())
        return;
    throw Error(ErrorClass::permanent, "STATE_CHANGED",
                "another request has changed the batch, which is now " +
                    std::string(toString(state)) + "; look at it, then decide again");
}

void BatchTally::moveSheet(SheetState from, SheetState to) {
    if (std::uint64_t* left = counterOf(from); left != nullptr && *left > 0) --*left;
    if (std::uint64_t* entered = counterOf(to)) ++*entered;
}

std::uint64_t BatchTally::failedSince(const BatchTally::Stage& stage) const {
    return quarantined - std::min(quarantined, stage.failed_before);
}

void BatchTally::updateOverall() {
    if (state == BatchState::completed) {
        overall_tenths = 1000;
        return;
    }
    double weights = 0;
    double shares = 0;
    for (const auto& [id, stage] : stages) {
        if (!stage.in_overall) continue;
        weights += stage.weight;
        shares += stage.weight * stage.share;
    }
    overall_tenths = std::max(overall_tenths, std::min(999, percentTenths(shares, weights)));
}

EventFrame BatchTally::addEvent(const std::string& batch_id, const EventDraft& draft,
                                const Moment& now) {
    if (!draft.stage_id.empty()) {
        BatchTally::Stage& stage = stages[draft.stage_id];
        const double share = draft.complete ? 1 : percentTenths(draft.done, draft.total) / 1000.0;
        stage.share = std::max(stage.share, share);
    }
    updateOverall();
    // The wall clock may jump. Without a restart the boot clock gives the age, and the shown age
    // never decreases.
    const std::int64_t age_ms =
        same_boot ? now.boot_ms - created.boot_ms : now.wall_ms - created.wall_ms;
    elapsed_seconds = std::max(elapsed_seconds, age_ms / 1000);
    return {.batch_id = batch_id,
            .seq = ++seq,
            .execution = execution,
            .elapsed_seconds = elapsed_seconds,
            .timestamp = utcText(now.wall_ms),
            .sheets_total = total,
            .sheets_processed = read + quarantined + discarded,
            .sheets_failed = quarantined,
            .sheets_doubtful = doubtful.sheets,
            .answers_doubtful = doubtful.answers,
            .overall_tenths = overall_tenths};
}

}  // namespace sheafline
