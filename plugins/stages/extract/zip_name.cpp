#include "zip_name.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace sheafline::extract {

namespace {

constexpr std::size_t kLongestName = 1024;
constexpr std::size_t kLongestShown = 120;

// The upper half of code page 437.
constexpr std::array<char16_t, 128> kCodePage437 = {
    0x00C7, 0x00FC, 0x00E9, 0x00E2, 0x00E4, 0x00E0, 0x00E5, 0x00E7, 0x00EA, 0x00EB, 0x00E8, 0x00EF,
    0x00EE, 0x00EC, 0x00C4, 0x00C5, 0x00C9, 0x00E6, 0x00C6, 0x00F4, 0x00F6, 0x00F2, 0x00FB, 0x00F9,
    0x00FF, 0x00D6, 0x00DC, 0x00A2, 0x00A3, 0x00A5, 0x20A7, 0x0192, 0x00E1, 0x00ED, 0x00F3, 0x00FA,
    0x00F1, 0x00D1, 0x00AA, 0x00BA, 0x00BF, 0x2310, 0x00AC, 0x00BD, 0x00BC, 0x00A1, 0x00AB, 0x00BB,
    0x2591, 0x2592, 0x2593, 0x2502, 0x2524, 0x2561, 0x2562, 0x2556, 0x2555, 0x2563, 0x2551, 0x2557,
    0x255D, 0x255C, 0x255B, 0x2510, 0x2514, 0x2534, 0x252C, 0x251C, 0x2500, 0x253C, 0x255E, 0x255F,
    0x255A, 0x2554, 0x2569, 0x2566, 0x2560, 0x2550, 0x256C, 0x2567, 0x2568, 0x2564, 0x2565, 0x2559,
    0x2558, 0x2552, 0x2553, 0x256B, 0x256A, 0x2518, 0x250C, 0x2588, 0x2584, 0x258C, 0x2590, 0x2580,
    0x03B1, 0x00DF, 0x0393, 0x03C0, 0x03A3, 0x03C3, 0x00B5, 0x03C4, 0x03A6, 0x0398, 0x03A9, 0x03B4,
    0x221E, 0x03C6, 0x03B5, 0x2229, 0x2261, 0x00B1, 0x2265, 0x2264, 0x2320, 0x2321, 0x00F7, 0x2248,
    0x00B0, 0x2219, 0x00B7, 0x221A, 0x207F, 0x00B2, 0x25A0, 0x00A0};

// Length of the valid UTF-8 sequence at the front of `text`, or 0.
std::size_t sequenceLength(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t lead = byte(0);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80) return 0;
    }
    // Overlong forms, surrogates, and what lies beyond U+10FFFF.
    if (lead == 0xE0 && byte(1) < 0xA0) return 0;
    if (lead == 0xED && byte(1) >= 0xA0) return 0;
    if (lead == 0xF0 && byte(1) < 0x90) return 0;
    if (lead == 0xF4 && byte(1) >= 0x90) return 0;
    return length;
}

bool isUtf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = sequenceLength(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

void appendUtf8(std::string& text, char16_t code) {
    if (code >= 0x800) {
        text += static_cast<char>(0xE0U | (code >> 12U));
        text += static_cast<char>(0x80U | ((code >> 6U) & 0x3FU));
    } else {
        text += static_cast<char>(0xC0U | (code >> 6U));
    }
    text += static_cast<char>(0x80U | (code & 0x3FU));
}

bool hasParentStep(std::string_view name) {
    while (!name.empty()) {
        const std::string_view part = name.substr(0, name.find('/'));
        if (part == "..") return true;
        name.remove_prefix(part.size() == name.size() ? name.size() : part.size() + 1);
    }
    return false;
}

}  // namespace

std::string_view nameFault(std::string_view name) {
    if (name.empty()) return "has no name";
    if (name.size() > kLongestName) return "has a name of more than 1024 bytes";
    if (name.find('\0') != std::string_view::npos) return "has a NUL byte in its name";
    if (name.find('\\') != std::string_view::npos) return "has a backslash in its name";
    if (name.front() == '/') return "has an absolute name";
    if (name.size() >= 2 && name[1] == ':') return "has a drive letter in its name";
    if (hasParentStep(name)) return "leaves its folder";
    return {};
}

std::string nameAsUtf8(std::string_view name) {
    if (isUtf8(name)) return std::string(name);
    std::string text;
    for (const char c : name) {
        const auto byte = static_cast<std::uint8_t>(c);
        if (byte < 0x80) {
            text += c;
        } else {
            appendUtf8(text, kCodePage437.at(byte - 0x80U));
        }
    }
    return text;
}

std::string quotedName(std::string_view utf8_name) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text = "'";
    while (!utf8_name.empty() && text.size() < kLongestShown) {
        const std::size_t length = sequenceLength(utf8_name);
        const auto byte = static_cast<std::uint8_t>(utf8_name.front());
        if (length == 0 || byte < 0x20 || byte == 0x7F) {
            text += "\\x";
            text += kDigits[byte >> 4U];
            text += kDigits[byte & 0x0FU];
        } else {
            text += utf8_name.substr(0, length);
        }
        utf8_name.remove_prefix(length == 0 ? 1 : length);
    }
    return text + (utf8_name.empty() ? "'" : "…'");
}

}  // namespace sheafline::extract
