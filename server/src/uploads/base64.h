// Base64 (RFC 4648, section 4), strictly: padding, no other characters, no unused bits set.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sheafline {

std::optional<std::string> decodeBase64(std::string_view text);
std::string encodeBase64(std::string_view bytes);

}  // namespace sheafline
