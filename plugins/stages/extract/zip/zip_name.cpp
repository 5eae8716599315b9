#include "zip_name.h"

#include <cstddef>
#include <cstdint>

#include <sheafline/utf8.h>

namespace sheafline::extract {

namespace {

constexpr std::size_t kLongestShown = 120;

bool hasParentStep(std::string_view name) {
    while (!name.empty()) {
        const std::string_view part = name.substr(0, name.find('/'));
        if (part == "..") return true;
        name.remove_prefix(part.size() == name.size() ? name.size() : part.size() + 1);
    }
    return false;
}

bool hasDrive(std::string_view name, bool dos) {
    if (name.size() < 2 || name[1] != ':') return false;
    const char letter = static_cast<char>(name[0] | 0x20);
    if (letter < 'a' || letter > 'z') return false;
    return dos || (name.size() > 2 && (name[2] == '/' || name[2] == '\\'));
}

}  // namespace

std::string_view nameError(std::string_view name, bool dos) {
    if (name.empty()) return "has no name";
    if (name.find('\0') != std::string_view::npos) return "has a NUL byte in its name";
    if (name.front() == '/') return "has an absolute name";
    if (hasDrive(name, dos)) return "has a drive letter in its name";
    if (hasParentStep(name)) return "leaves its folder";
    return {};
}

std::string quotedName(std::string_view name) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text = "'";
    while (!name.empty() && text.size() < kLongestShown) {
        const std::size_t length = utf8Length(name);
        const auto byte = static_cast<std::uint8_t>(name.front());
        if (length == 0 || byte < 0x20 || byte == 0x7F) {
            text += "\\x";
            text += kDigits[byte >> 4U];
            text += kDigits[byte & 0x0FU];
        } else {
            text += name.substr(0, length);
        }
        name.remove_prefix(length == 0 ? 1 : length);
    }
    return text + (name.empty() ? "'" : "…'");
}

}  // namespace sheafline::extract
