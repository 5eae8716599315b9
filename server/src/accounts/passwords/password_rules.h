// Which passwords can be chosen: long enough, not the user's name, and not one of the common
// passwords. docs/decisions/accounts.md names the source of the list and its license.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sheafline {

inline constexpr std::size_t kPasswordMinBytes = 10;
inline constexpr std::size_t kPasswordMaxBytes = 1024;

// Why `password` cannot become the password of `user`; nothing if it can.
std::optional<std::string> passwordError(std::string_view password, std::string_view user);

}  // namespace sheafline
