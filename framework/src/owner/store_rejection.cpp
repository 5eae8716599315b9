#include "owner/store_rejection.h"

#include <string>
#include <system_error>

#include <sheafline/error.h>
#include <sheafline/progress.h>

#include "batch/run/stage_messages.h"

namespace sheafline {

bool isOfDisk(std::string_view code) {
    return code.starts_with("DISK_") || code.starts_with("DATABASE");
}

bool isShortage(const std::exception& error) {
    if (const auto* own = dynamic_cast<const Error*>(&error))
        return own->errorClass() == ErrorClass::transient;
    const auto* of_system = dynamic_cast<const std::system_error*>(&error);
    return of_system != nullptr && (of_system->code() == std::errc::too_many_files_open ||
                                    of_system->code() == std::errc::too_many_files_open_in_system ||
                                    of_system->code() == std::errc::resource_unavailable_try_again);
}

void storeRejection(const BatchRow& batch, const EventError& rejection, bool owner_resumes,
                    const RejectionStore& store) {
    const std::string who = "batch " + batch.batch_id + ": ";
    store.log.error(who + "the history cannot be written: " + rejection.message);
    if (batch.state == BatchState::cancelling) return;  // recovery ends the cancel
    const EventError error =
        withRemedy(historyError(rejection.code), batch.batch_id, owner_resumes);
    if (rejection.code == "DISK_FULL") store.reserve.giveUpRest();
    try {
        store.history.commit({.batch_id = batch.batch_id,
                              .epoch = store.epoch,
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
