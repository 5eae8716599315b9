// field = pair *( "," pair )        spaces around a pair are ignored
// pair  = key [ " " [ base64 ] ]    base64 with its padding
// key   = 1*( %x21-2B / %x2D-7E )   any ASCII but space, comma and controls
#include "uploads/upload_metadata.h"

#include <algorithm>

#include "uploads/base64.h"

namespace sheafline {

namespace {

constexpr std::size_t kMaxBytes = 8192;
constexpr std::size_t kMaxKeys = 32;

bool isMetadataKey(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F; });
}

std::string_view withoutBlanks(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

bool addPair(UploadMetadata& metadata, std::string_view pair) {
    const auto space = pair.find(' ');
    const std::string_view key = pair.substr(0, space);
    const auto value = decodeBase64(space == std::string_view::npos ? "" : pair.substr(space + 1));
    return isMetadataKey(key) && value && metadata.emplace(key, *value).second;
}

}  // namespace

std::optional<UploadMetadata> parseUploadMetadata(std::string_view text) {
    if (text.size() > kMaxBytes) return std::nullopt;
    UploadMetadata metadata;
    while (true) {
        const auto comma = text.find(',');
        if (metadata.size() == kMaxKeys ||
            !addPair(metadata, withoutBlanks(text.substr(0, comma)))) {
            return std::nullopt;
        }
        if (comma == std::string_view::npos) return metadata;
        text.remove_prefix(comma + 1);
    }
}

}  // namespace sheafline
