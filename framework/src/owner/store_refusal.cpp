#include "owner/store_refusal.h"

#include <string>

#include <sheafline/error.h>
#include <sheafline/progress.h>

#include "batch/run/stage_messages.h"

namespace sheafline {

void storeRefusal(const BatchRow& batch, const EventError& refusal, bool owner_resumes,
                  const RefusalStore& store) {
    const std::string who = "batch " + batch.batch_id + ": ";
    store.log.error(who + "the history cannot be written: " + refusal.message);
    if (batch.state == BatchState::cancelling) return;  // recovery ends the cancel
    const EventError error = withRemedy(historyError(refusal.code), batch.batch_id, owner_resumes);
    if (refusal.code == "DISK_FULL") store.reserve.giveUpRest();
    try {
        store.history.commit({.batch_id = batch.batch_id,
                              .state = BatchState::interrupted,
                              .events = {{.stage = std::string(toString(ProcessingStage::queued)),
                                          .message = error.message,
                                          .error = error}}});
    } catch (const Error& unstored) {
        store.log.error(who +
                        "the reason of its interruption cannot be stored: " + unstored.what());
    }
}

}  // namespace sheafline
