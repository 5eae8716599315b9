#include "text.h"

#include <array>
#include <cstdio>

#include <sheafline/utf8.h>

namespace sheafline::console {

namespace {

struct Character {
    char32_t code = U'?';
    std::size_t length = 1;
};

Character first(std::string_view text) {
    const std::size_t length = utf8Length(text);
    return length == 0 ? Character{} : Character{utf8Character(text), length};
}

// After Unicode's East Asian Width (UAX #11) and the combining blocks, roughly.
std::size_t widthOf(char32_t code) {
    if (code >= 0x0300 && code <= 0x036F) return 0;
    const bool wide = (code >= 0x1100 && code <= 0x115F) || (code >= 0x2E80 && code <= 0xA4CF) ||
                      (code >= 0xAC00 && code <= 0xD7A3) || (code >= 0xF900 && code <= 0xFAFF) ||
                      (code >= 0xFE30 && code <= 0xFE6F) || (code >= 0xFF00 && code <= 0xFF60) ||
                      (code >= 0x1F300 && code <= 0x1FAFF) || (code >= 0x20000 && code <= 0x3FFFD);
    return wide ? 2 : 1;
}

}  // namespace

std::size_t columnsOf(std::string_view text) {
    std::size_t columns = 0;
    while (!text.empty()) {
        const Character character = first(text);
        columns += widthOf(character.code);
        text.remove_prefix(character.length);
    }
    return columns;
}

std::string fitted(std::string_view text, std::size_t columns) {
    std::string result;
    std::size_t used = 0;
    while (!text.empty()) {
        const Character character = first(text);
        const std::size_t width = widthOf(character.code);
        if (used + width > columns) break;
        result += text.substr(0, character.length);
        used += width;
        text.remove_prefix(character.length);
    }
    return result + std::string(columns - used, ' ');
}

std::string duration(long long seconds) {
    std::array<char, 48> text{};
    if (seconds < 60) {
        static_cast<void>(std::snprintf(text.data(), text.size(), "%lld s", seconds));
    } else if (seconds < 3600) {
        static_cast<void>(std::snprintf(text.data(), text.size(), "%lld min %02lld s", seconds / 60,
                                        seconds % 60));
    } else {
        static_cast<void>(std::snprintf(text.data(), text.size(), "%lld h %02lld min",
                                        seconds / 3600, seconds / 60 % 60));
    }
    return text.data();
}

std::string decimal(double value) {
    std::array<char, 48> text{};
    static_cast<void>(std::snprintf(text.data(), text.size(), "%.1f", value));
    return text.data();
}

}  // namespace sheafline::console
