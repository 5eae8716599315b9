// The events with which the runner says what happened to a stage or to the batch. Pure; any thread.
#pragma once

#include <chrono>
#include <string>

#include "batch/run/step.h"
#include "history/change.h"

namespace sheafline {

EventDraft skippedEvent(const Step& step);
EventDraft retryEvent(const Step& step, const std::string& why, std::chrono::milliseconds pause);
EventDraft failedEvent(const Step& step, const EventError& error);
// `next`, which may be null, is the stage that continues.
EventDraft resumedEvent(const Step* next, const std::string& why);
EventDraft interruptedEvent(const Step* next, const std::string& why,
                            const std::optional<EventError>& error);
// What continues an interrupted batch: the server that owns it, or a person with a command.
std::string howToContinue(const std::string& batch_id, bool owner_resumes);
// The error of a batch whose history cannot be written; `code` is that of the disk or database.
EventError historyError(const std::string& code);
// An error of a disk with what to do about it, and what continues the batch then.
EventError withRemedy(EventError error, const std::string& batch_id, bool owner_resumes);
EventDraft finalEvent(const Outcome& outcome);

}  // namespace sheafline
