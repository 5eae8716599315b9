#include "batches/review_watch.h"

#include <sheafline/error.h>

#include "base/clocks.h"
#include "batch/review_deadline.h"

namespace sheafline {

void ReviewWatch::look() {
    const auto history = readers_.take();
    for (const BatchRow& batch : history->batches({.state = BatchState::reviewing})) {
        try {
            const auto deadline = reviewDeadline(*history, owner_.plugins(), batch);
            if (deadline && wallMs() / 1000 > *deadline) {
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

// Keys that were lost are written again with the next event, so there is one.
void ReviewWatch::keepKeys(const std::string& batch_id) {
    if (keys_ == nullptr || keys_->renew(batch_id)) return;
    owner_.history().commit(
        {.batch_id = batch_id,
         .expected = Expected{.states = {BatchState::reviewing}},
         .events = {{.stage = "reviewing", .message = "Still waiting for people"}}});
}

}  // namespace sheafline
