#include "base/json_text.h"

#include <array>
#include <cstdint>

#include <sheafline/utf8.h>

namespace sheafline {

void appendJsonText(std::string& json, std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    json += '"';
    while (!text.empty()) {
        const auto byte = static_cast<std::uint8_t>(text.front());
        const std::size_t length = byte < 0x80 ? 1 : utf8Length(text);
        const auto second = static_cast<std::uint8_t>(length == 2 ? text[1] : 0);
        if (length == 0) {
            json += "\xEF\xBF\xBD";
        } else if (byte == '"' || byte == '\\') {
            json += '\\';
            json += text.front();
        } else if (byte == '\n') {
            json += "\\n";
        } else if (byte == '\t') {
            json += "\\t";
        } else if (byte == 0xC2 && second >= 0x80 && second < 0xA0) {
            // A C1 control: some terminals obey it, and JSON is printed as it is.
            json += "\\u00";
            json += kHex[second >> 4U];
            json += kHex[second & 0xFU];
        } else if (byte < 0x20 || byte == 0x7F) {
            json += "\\u00";
            json += kHex[byte >> 4U];
            json += kHex[byte & 0xFU];
        } else {
            json.append(text.substr(0, length));
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    json += '"';
}

}  // namespace sheafline
