#include "summary.h"

#include <sheafline/shown_text.h>

#include "text.h"

namespace sheafline::console {

namespace {

std::string ending(const ShownEvent& final_event, const ExecutionClock& clock) {
    const bool completed = final_event.stage == "completed";
    std::string text = completed                          ? "Completed "
                       : final_event.stage == "cancelled" ? "Cancelled "
                                                          : "Failed ";
    const std::string since_creation = duration(final_event.elapsed_seconds);
    if (final_event.execution <= 1) return text + (completed ? "in " : "after ") + since_creation;
    text += (completed ? "" : "in ") + ("execution " + std::to_string(final_event.execution));
    text += completed ? " in " : " after ";
    return text + duration(clock.secondsUntil(final_event)) + ", " + since_creation +
           " after the batch was created";
}

}  // namespace

std::string summary(const ShownEvent& final_event, const ExecutionClock& clock) {
    std::string text = ending(final_event, clock);
    if (!final_event.error.empty()) text += ": " + final_event.error;
    if (final_event.sheets_total == 0) return text;
    text += (final_event.error.empty() ? ": " : "; ") +
            counted(static_cast<std::uint64_t>(final_event.sheets_total), "sheet");
    // Not every pipeline reads its sheets.
    const long long read = final_event.sheets_processed - final_event.sheets_failed;
    if (read > 0) text += ", " + std::to_string(read) + " read";
    if (final_event.sheets_doubtful > 0)
        text += " (" + std::to_string(final_event.sheets_doubtful) + " doubtful)";
    if (final_event.sheets_failed > 0) {
        text += ", " + std::to_string(final_event.sheets_failed) + " quarantined";
    }
    return text;
}

}  // namespace sheafline::console
