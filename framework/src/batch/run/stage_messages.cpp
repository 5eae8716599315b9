#include "batch/run/stage_messages.h"

#include <utility>

namespace sheafline {

namespace {

EventDraft stageEvent(const Step& step, std::string message) {
    return {.stage_id = step.use->id,
            .stage = std::string(step.plugin->stage.text()),
            .message = std::move(message)};
}

EventDraft batchEvent(ProcessingStage stage, std::string message) {
    return {.stage = std::string(toString(stage)), .message = std::move(message)};
}

}  // namespace

EventDraft skippedEvent(const Step& step) {
    EventDraft event =
        stageEvent(step, "Stage " + step.use->id + " skipped: its condition is false");
    event.complete = true;
    return event;
}

EventDraft retryEvent(const Step& step, const std::string& why, std::chrono::milliseconds pause) {
    EventDraft event =
        stageEvent(step, "Attempt " + std::to_string(step.attempt) + " of " +
                             std::to_string(step.use->retry.max_attempts) + " failed: " + why +
                             "; next attempt in " + std::to_string(pause.count()) + " ms");
    event.attempt = step.attempt;
    return event;
}

EventDraft failedEvent(const Step& step, const EventError& error) {
    EventDraft event = stageEvent(step, (step.in_finally ? "Warning: stage " : "Stage ") +
                                            step.use->id + " failed: " + error.message);
    event.attempt = step.attempt;
    event.error = error;
    return event;
}

EventDraft resumedEvent(const Step* next, const std::string& why) {
    const std::string message = "Resumed: " + why;
    if (next == nullptr) return batchEvent(ProcessingStage::queued, message);
    EventDraft event = stageEvent(*next, message);
    event.attempt = next->attempt + 1;
    return event;
}

EventDraft interruptedEvent(const Step* next, const std::string& why,
                            const std::optional<EventError>& error) {
    EventDraft event =
        next == nullptr ? batchEvent(ProcessingStage::queued, why) : stageEvent(*next, why);
    event.error = error;
    return event;
}

std::string howToContinue(const std::string& batch_id, bool owner_resumes) {
    return owner_resumes ? "the server continues the batch by itself"
                         : "to continue, run: sheafline resume " + batch_id;
}

EventError historyError(const std::string& code) {
    return {.code = code,
            .message = code == "DISK_FULL" ? "The disk of the data folder is full"
                                           : "The history cannot be written"};
}

EventError withRemedy(EventError error, const std::string& batch_id, bool owner_resumes) {
    error.message += error.code == "DISK_FULL" ? "; make room" : "; make the disk writable";
    error.message += owner_resumes ? ", then the server continues the batch by itself"
                                   : ", then run: sheafline resume " + batch_id;
    return error;
}

EventDraft finalEvent(const Outcome& outcome) {
    if (outcome.state == BatchState::completed) {
        EventDraft event = batchEvent(ProcessingStage::completed, "Batch completed successfully");
        event.complete = true;
        return event;
    }
    if (outcome.state == BatchState::cancelled)
        return batchEvent(ProcessingStage::cancelled, "Batch cancelled");
    EventDraft event =
        batchEvent(ProcessingStage::failed, "Batch failed: " + outcome.error->message);
    event.error = outcome.error;
    return event;
}

}  // namespace sheafline
