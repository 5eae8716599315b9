// Makes the Change that starts the next execution of an ended batch; the owner commits it and then
// starts the batch. Throws ConfigError if that is not possible: no such batch or sheet, a batch
// that has not ended, a cancelled batch.
#pragma once

#include <optional>
#include <string>

#include "history/change.h"
#include "history/history_reader.h"
#include "plugins/plugin_catalog.h"

namespace sheafline {

// A failed batch continues at its failed stage; sheets that this stage quarantined are read again.
Change retryChange(HistoryReader& history, const PluginCatalog& plugins,
                   const std::string& batch_id);

// A person's decision about a quarantined sheet.
struct SheetFix {
    int sheet = 0;
    std::optional<std::string> qr{};  // its code; without one the sheet is discarded
    std::string user{};               // who decided
};
Change fixChange(HistoryReader& history, const PluginCatalog& plugins, const std::string& batch_id,
                 const SheetFix& fix);

// Another key for the batch: one decision and its apply. The key is in keyFolder() already.
Change scoreChange(HistoryReader& history, const PluginCatalog& plugins,
                   const std::string& batch_id, NewDecisions decision);

// Any of them, or applyChange(), as it comes through the control socket (control_socket.h has
// its grammar).
Change restartChange(HistoryReader& history, const PluginCatalog& plugins,
                     const std::string& request);
std::string retryRequest(const std::string& batch_id);
std::string fixRequest(const std::string& batch_id, const SheetFix& fix);
std::string scoreRequest(const std::string& batch_id, const NewDecisions& decision);

}  // namespace sheafline
