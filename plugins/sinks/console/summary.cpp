#include "summary.h"

#include <sheafline/shown_text.h>

#include "text.h"

namespace sheafline::console {

std::string summary(const ShownEvent& final_event) {
    std::string text = final_event.stage == "completed"   ? "Completed in "
                       : final_event.stage == "cancelled" ? "Cancelled after "
                                                          : "Failed after ";
    text += duration(final_event.elapsed_seconds);
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
