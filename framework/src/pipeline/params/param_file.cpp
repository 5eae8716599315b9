#include "pipeline/params/param_file.h"

#include <algorithm>

#include <sheafline/utf8.h>

namespace sheafline {

namespace {

constexpr std::string_view kMark = "sha256:";
constexpr std::size_t kDigestDigits = 64;
constexpr std::size_t kMostNameBytes = 200;

}  // namespace

std::string storedText(const StoredFile& file) {
    return std::string(kMark) + file.sha256 + ' ' + file.name;
}

std::optional<StoredFile> storedFile(std::string_view text) {
    if (!text.starts_with(kMark)) return std::nullopt;
    text.remove_prefix(kMark.size());
    if (text.size() < kDigestDigits + 2 || text[kDigestDigits] != ' ') return std::nullopt;
    const std::string_view digits = text.substr(0, kDigestDigits);
    if (digits.find_first_not_of("0123456789abcdef") != std::string_view::npos) return std::nullopt;
    const std::string_view name = text.substr(kDigestDigits + 1);
    if (safeFileName(name, "") != name) return std::nullopt;
    return StoredFile{.sha256 = std::string(digits), .name = std::string(name)};
}

std::string safeFileName(std::string_view name, std::string_view param) {
    name = name.substr(name.find_last_of("/\\") + 1);  // npos + 1 is 0
    std::string safe;
    for (const char c : name)
        if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) safe += c;
    // The end of a name says what kind of file it is.
    if (safe.size() > kMostNameBytes) safe.erase(0, safe.size() - kMostNameBytes);
    const bool hidden = safe.empty() || safe.front() == '.';
    if (hidden || !isUtf8(safe)) return std::string(param);
    return safe;
}

}  // namespace sheafline
