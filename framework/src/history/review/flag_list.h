// The flags of a reading or a row, one by one. A value.
//
//     flags = [ part *( ";" part ) ]
//     part  = field ":" flag          ; "q7:faint", about one answer
//           / flag                    ; about the whole sheet, like "sheet:" flag
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace sheafline {

inline constexpr std::string_view kSheetField = "sheet";  // stands for the whole sheet
inline constexpr std::string_view kByHand = "by_hand";    // the flag of a person's decision

struct Flag {
    std::string field{};
    std::string flag{};

    auto operator<=>(const Flag&) const = default;
};

std::vector<Flag> flagsIn(std::string_view flags);

// Those that a person has to look at: all but the marks of decisions.
std::vector<Flag> doubtsIn(std::string_view flags);

}  // namespace sheafline
