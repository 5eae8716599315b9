#include "batches/review_watch.h"

#include <sheafline/error.h>

#include "base/clocks.h"
#include "history/decisions/decision_reader.h"
#include "pipeline/pipeline_loader.h"

namespace sheafline {

void ReviewWatch::look() {
    const auto history = readers_.take();
    for (const BatchRow& batch : history->batches({.state = BatchState::reviewing})) {
        try {
            if (isOver(*history, batch)) {
                queue_.endReview(batch.batch_id);
                log_.warning("batch " + batch.batch_id + ": nobody decided within the timeout");
            } else {
                keepKeys(batch.batch_id);
            }
        } catch (const Error& error) {
            // Somebody has just decided or cancelled.
            if (error.code() != "STATE_CHANGED" && error.code() != "NO_SUCH_BATCH") throw;
        }
    }
}

bool ReviewWatch::isOver(HistoryReader& history, const BatchRow& batch) const {
    const auto since = DecisionReader(history.database()).reviewingSince(batch.batch_id);
    if (!since) return false;
    Review review;  // with the default timeout, as for a stage with on_limit: review
    try {
        const Pipeline pipeline =
            parsePipeline(batch.pipeline_text, batch.pipeline_file, owner_.plugins());
        if (pipeline.review) review = *pipeline.review;
    } catch (const ConfigError&) {
        return false;  // a plugin is missing; the batch waits
    }
    const auto limit = std::chrono::duration_cast<std::chrono::seconds>(review.timeout).count();
    return wallMs() / 1000 - utcSeconds(*since) > limit;
}

// Keys that were lost are written again with the next event, so there is one.
void ReviewWatch::keepKeys(const std::string& batch_id) {
    if (!renew_ || renew_(batch_id)) return;
    owner_.history().commit(
        {.batch_id = batch_id,
         .expected = Expected{.states = {BatchState::reviewing}},
         .events = {{.stage = "reviewing", .message = "Still waiting for people"}}});
}

}  // namespace sheafline
