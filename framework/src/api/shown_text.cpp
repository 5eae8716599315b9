#include <sheafline/shown_text.h>
#include <sheafline/utf8.h>

namespace sheafline {

namespace {

constexpr std::string_view kHex = "0123456789abcdef";

bool isHarmful(char32_t c) {
    const bool control = c < 0x20 || (c >= 0x7F && c < 0xA0);
    const bool separator = c == 0x2028 || c == 0x2029;
    const bool direction = c == 0x061C || c == 0x200E || c == 0x200F ||
                           (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
    return control || separator || direction;
}

void appendEscape(std::string& shown, char32_t c) {
    if (c == '\n' || c == '\r' || c == '\t') {
        shown += '\\';
        shown += c == '\n' ? 'n' : c == '\r' ? 'r' : 't';
        return;
    }
    const int digits = c < 0x100 ? 2 : 4;
    shown += digits == 2 ? "\\x" : "\\u";
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
        shown += kHex[(c >> static_cast<unsigned>(shift)) & 0xFU];
}

}  // namespace

std::string shownText(std::string_view text, LineBreaks breaks) {
    const std::string clean = cleanUtf8(text);
    std::string shown;
    shown.reserve(clean.size());
    for (std::string_view rest = clean; !rest.empty();) {
        const std::string_view bytes = rest.substr(0, utf8Length(rest));
        const char32_t character = utf8Character(rest);
        if (!isHarmful(character) || (character == '\n' && breaks == LineBreaks::keep))
            shown += bytes;
        else
            appendEscape(shown, character);
        rest.remove_prefix(bytes.size());
    }
    return shown;
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
    std::string text = std::to_string(count) + " ";
    if (count == 1) return text.append(one);
    return many.empty() ? text.append(one) + "s" : text.append(many);
}

}  // namespace sheafline
