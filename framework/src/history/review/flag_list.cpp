#include "history/review/flag_list.h"

#include <algorithm>

namespace sheafline {

std::vector<Flag> flagsIn(std::string_view flags) {
    std::vector<Flag> found;
    while (!flags.empty()) {
        const std::size_t end = std::min(flags.find(';'), flags.size());
        const std::string_view part = flags.substr(0, end);
        flags.remove_prefix(std::min(end + 1, flags.size()));
        if (part.empty()) continue;
        // The names of fields come from templates and may contain a colon; flags have none.
        const std::size_t colon = part.rfind(':');
        if (colon == std::string_view::npos) {
            found.push_back({.field = std::string(kSheetField), .flag = std::string(part)});
        } else {
            found.push_back({.field = std::string(part.substr(0, colon)),
                             .flag = std::string(part.substr(colon + 1))});
        }
    }
    return found;
}

std::vector<Flag> doubtsIn(std::string_view flags) {
    std::vector<Flag> doubts = flagsIn(flags);
    std::erase_if(doubts, [](const Flag& flag) { return flag.flag == kByHand; });
    return doubts;
}

}  // namespace sheafline
