// Opens the next execution of a batch that has ended (contract section 1): the Change that does it,
// to be committed by the owner, who then starts the batch. Throws ConfigError where it cannot be:
// no such batch or sheet, a batch that still runs, one that was cancelled.
#pragma once

#include <optional>
#include <string>

#include "history/change.h"
#include "history/history_reader.h"

namespace sheafline {

// A failed batch goes on from its failed stage; sheets that this stage quarantined are read again.
Change retryChange(HistoryReader& history, const std::string& batch_id);

// What a person decides about a quarantined sheet.
struct SheetFix {
    int sheet = 0;
    std::optional<std::string> qr{};  // its code; without one the sheet is discarded
};
Change fixChange(HistoryReader& history, const std::string& batch_id, const SheetFix& fix);

// Either, as it comes through the control socket (control_socket.h has its grammar).
Change restartChange(HistoryReader& history, const std::string& request);
std::string retryRequest(const std::string& batch_id);
std::string fixRequest(const std::string& batch_id, const SheetFix& fix);

}  // namespace sheafline
