#include "unreadable_entry.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace sheafline::extract {

namespace {

using namespace std::string_view_literals;
using Bytes = std::span<const std::uint8_t>;

struct Named {
    std::string_view ending;
    std::string_view format;
    ImageKind kind = ImageKind::none;  // of those that are read
};

constexpr std::array kImageNames{Named{"jpg", "JPEG", ImageKind::jpeg},
                                 Named{"jpeg", "JPEG", ImageKind::jpeg},
                                 Named{"jpe", "JPEG", ImageKind::jpeg},
                                 Named{"jfif", "JPEG", ImageKind::jpeg},
                                 Named{"png", "PNG", ImageKind::png},
                                 Named{"tif", "TIFF", ImageKind::tiff},
                                 Named{"tiff", "TIFF", ImageKind::tiff},
                                 Named{"webp", "WebP", ImageKind::webp},
                                 Named{"gif", "GIF"},
                                 Named{"bmp", "BMP"},
                                 Named{"heic", "HEIC"},
                                 Named{"heif", "HEIF"},
                                 Named{"avif", "AVIF"},
                                 Named{"jp2", "JPEG 2000"},
                                 Named{"j2k", "JPEG 2000"},
                                 Named{"jxl", "JPEG XL"},
                                 Named{"pdf", "PDF"},
                                 Named{"djvu", "DjVu"},
                                 Named{"psd", "PSD"},
                                 Named{"pbm", "PBM"},
                                 Named{"pgm", "PGM"},
                                 Named{"ppm", "PPM"},
                                 Named{"dng", "DNG"},
                                 Named{"svg", "SVG"}};

struct Marked {
    std::size_t offset;
    std::string_view mark;
    std::string_view format;
};

// The first bytes of formats for pictures and scans that are not read.
constexpr std::array kMarks{Marked{0, "GIF87a"sv, "GIF"},
                            Marked{0, "GIF89a"sv, "GIF"},
                            Marked{0, "%PDF-"sv, "PDF"},
                            Marked{4, "ftypheic"sv, "HEIC"},
                            Marked{4, "ftypheix"sv, "HEIC"},
                            Marked{4, "ftyphevc"sv, "HEIC"},
                            Marked{4, "ftypheim"sv, "HEIC"},
                            Marked{4, "ftypmif1"sv, "HEIF"},
                            Marked{4, "ftypmsf1"sv, "HEIF"},
                            Marked{4, "ftypavif"sv, "AVIF"},
                            Marked{0, "\0\0\0\x0CjP  "sv, "JPEG 2000"},
                            Marked{0, "\xFF\x4F\xFF\x51"sv, "JPEG 2000"},
                            Marked{0, "\0\0\0\x0CJXL "sv, "JPEG XL"},
                            Marked{0, "8BPS"sv, "PSD"},
                            Marked{0, "AT&TFORM"sv, "DjVu"},
                            Marked{0, "P4\n"sv, "PBM"},
                            Marked{0, "P5\n"sv, "PGM"},
                            Marked{0, "P6\n"sv, "PPM"}};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool sameLetters(std::string_view one, std::string_view other) {
    return std::ranges::equal(one, other, {}, lower, lower);
}

std::string_view lastPart(std::string_view name) { return name.substr(name.rfind('/') + 1); }

const Named* namedAs(std::string_view name) {
    const std::string_view file = lastPart(name);
    const std::size_t dot = file.rfind('.');
    if (dot == std::string_view::npos) return nullptr;
    const auto* const found = std::ranges::find_if(kImageNames, [&](const Named& image) {
        return sameLetters(image.ending, file.substr(dot + 1));
    });
    return found == kImageNames.end() ? nullptr : found;
}

bool hasMark(Bytes bytes, const Marked& format) {
    return bytes.size() >= format.offset + format.mark.size() &&
           std::ranges::equal(
               bytes.subspan(format.offset, format.mark.size()), format.mark,
               [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); });
}

// "BM", the size of the file, and four bytes that are zero: two letters alone begin many texts.
bool isBmp(Bytes bytes) {
    if (bytes.size() < 26 || bytes[0] != 'B' || bytes[1] != 'M') return false;
    return std::ranges::all_of(bytes.subspan(6, 4), [](std::uint8_t byte) { return byte == 0; });
}

std::string_view foreignFormat(Bytes bytes) {
    if (isBmp(bytes)) return "BMP";
    const auto* const found =
        std::ranges::find_if(kMarks, [&](const Marked& format) { return hasMark(bytes, format); });
    return found == kMarks.end() ? std::string_view() : found->format;
}

std::string article(std::string_view format) {
    const bool vowel = format == "AVIF" || format == "SVG";  // as it is spoken
    return (vowel ? "an " : "a ") + std::string(format);
}

}  // namespace

std::string_view ignoredByName(const ZipEntry& entry) {
    if (entry.isFolder()) return "is a folder";
    const std::string_view path = entry.name;
    const std::string_view name = lastPart(path);
    if (path.starts_with("__MACOSX/") || path.find("/__MACOSX/") != std::string_view::npos ||
        name.starts_with("._"))
        return "is macOS metadata";
    for (const std::string_view note :
         {".DS_Store"sv, "Thumbs.db"sv, "ehthumbs.db"sv, "desktop.ini"sv}) {
        if (sameLetters(name, note)) return "is a note of the file browser";
    }
    return {};
}

ImageKind namedKind(std::string_view name) {
    const Named* const named = namedAs(name);
    return named == nullptr ? ImageKind::none : named->kind;
}

std::string lockedReason(const ZipEntry& entry) {
    return namedAs(entry.name) == nullptr ? "" : "unreadable: the entry " + entry.locked;
}

std::string unreadableReason(const ZipEntry& entry, Bytes bytes) {
    const Named* const named = namedAs(entry.name);
    if (entry.kind == ZipEntryKind::link || entry.kind == ZipEntryKind::device) {
        if (named == nullptr) return "";
        return entry.kind == ZipEntryKind::link
                   ? "unreadable: the entry is a symbolic link; pack the file that it points to"
                   : "unreadable: the entry is a device or a pipe; pack the scan itself";
    }
    const std::string_view format = foreignFormat(bytes);
    if (!format.empty())
        return "unreadable: the file is " + article(format) +
               "; save its pages as JPEG, PNG, TIFF or WebP";
    if (named == nullptr) return "";
    if (bytes.empty()) return "unreadable: the file is empty; scan the page again";
    return "unreadable: the file is named like " + article(named->format) +
           ", but its bytes are no image; scan the page again";
}

}  // namespace sheafline::extract
