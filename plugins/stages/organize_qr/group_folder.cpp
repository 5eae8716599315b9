#include "group_folder.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <unistd.h>

#include <sheafline/copy_file.h>
#include <sheafline/error.h>

namespace sheafline::organize_qr {

namespace {

constexpr std::size_t kLongest = 120;

std::string hex(std::uint64_t value, int digits) {
    std::array<char, 24> text{};
    std::snprintf(text.data(), text.size(), "%0*llX", digits,
                  static_cast<unsigned long long>(value));
    return text.data();
}

// FNV-1a, 64 bits: keeps long names distinct after they are truncated.
std::uint64_t hashOf(std::string_view text) {
    std::uint64_t hash = 0xCBF29CE484222325ULL;
    for (const char letter : text) {
        hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001B3ULL;
    }
    return hash;
}

bool isHarmless(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') || letter == '-' || letter == '_' || letter == '.';
}

}  // namespace

std::string folderName(std::string_view group) {
    std::string name;
    for (const char letter : group) {
        // Avoids hidden folders and "..".
        const bool leading_dot = letter == '.' && name.empty();
        if (isHarmless(letter) && !leading_dot) {
            name += letter;
        } else {
            name += '%' + hex(static_cast<unsigned char>(letter), 2);
        }
    }
    if (name.empty()) return "%";
    if (name.size() <= kLongest) return name;
    return name.substr(0, kLongest) + '%' + hex(hashOf(group), 16);
}

void linkSheet(const std::filesystem::path& group_folder, const Sheet& sheet) {
    const std::string digits = std::to_string(sheet.number);
    const std::string name = std::string(digits.size() < 6 ? 6 - digits.size() : 0, '0') + digits +
                             sheet.path.extension().string();
    const std::filesystem::path link = group_folder / name;
    if (::link(sheet.path.c_str(), link.c_str()) == 0) return;
    const bool unsupported = errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS ||
                             errno == EXDEV || errno == EMLINK;
    if (!unsupported) throwSystemError(errno, "cannot link " + sheet.file + " into its group");
    // FAT, exFAT and some network file systems have no hard links.
    copyFile(sheet.path, link);
}

}  // namespace sheafline::organize_qr
