// The codes that the students of a batch's class list have, the ones most like a text first: for a
// person who types in the code of a quarantined sheet. A code is made from one that the batch has
// already, with another student and page; without such a code it is the id of the student. One
// thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/data_folder.h"
#include "history/history_reader.h"
#include "plugins/plugin_catalog.h"

namespace sheafline {

struct NearCode {
    std::string code{};
    std::string student{};
    std::string name{};
    std::string class_name{};
    std::string page{};                  // empty if codes do not name pages
    std::optional<std::size_t> edits{};  // from the text to the code; none without a text
    int sheet = 0;                       // another sheet that has the code already, or 0
};

// At most `limit`, for the sheet `number`. Codes that no other sheet has come first among equally
// near ones. Throws Error (NO_ROSTER) if the batch has no class list that can be read.
std::vector<NearCode> nearCodes(HistoryReader& history, const DataFolder& folder,
                                const PluginCatalog& plugins, const BatchRow& batch, int number,
                                std::string_view text, std::size_t limit);

}  // namespace sheafline
