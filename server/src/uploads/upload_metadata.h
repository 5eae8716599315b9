// The header field Upload-Metadata of tus 1.0: pairs of an ASCII key and a base64 value.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace sheafline {

using UploadMetadata = std::map<std::string, std::string>;  // values may be any bytes

// Empty if the text violates the grammar, has a key twice, or has more than 8 KiB or 32 keys.
std::optional<UploadMetadata> parseUploadMetadata(std::string_view text);

}  // namespace sheafline
