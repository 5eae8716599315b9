// With whom a batch is shared, besides its owner and the admins. Values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sheafline {

// In the place of a user: everybody who signs in. No user can have this name.
inline constexpr std::string_view kEverybody = "*";

struct Shares {
    std::vector<std::string> users{};  // in the order of their names
    bool everybody = false;
};

// Replaces the shares of a batch.
struct NewShares {
    Shares shares{};
    std::string by{};  // the user who shares
};

}  // namespace sheafline
