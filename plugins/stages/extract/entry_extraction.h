// Inflates all entries of an archive into a folder, with one thread per core. Files are named after
// the entry's position in the archive: 000001.jpg. A file that exists and is complete is kept, so a
// run after a crash writes only the missing files.
#pragma once

#include <filesystem>
#include <functional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "image_kind.h"
#include "zip/zip_archive.h"

namespace sheafline::extract {

struct ExtractedEntry {
    ImageKind kind = ImageKind::none;
    std::uint64_t pages = 0;
    std::filesystem::path path{};
    std::string_view ignored_reason{};  // why it is not a sheet; empty if it is one
    std::string unreadable_reason{};    // why it is a sheet that cannot be read; empty if it can
};

using ImageKinds = std::set<ImageKind>;

struct WantedImages {
    ImageKinds kinds{};
    std::uint64_t max_pages = 0;  // the pages of a file are counted up to one above this
    bool pages = false;  // an archive of pages, whose entries may be notes; pages are of any kind
};

// Called after each entry, from any thread but one at a time: entries and bytes done so far.
using ExtractionProgress = std::function<void(std::size_t entries, std::uint64_t bytes)>;

// One for each entry of the archive, in its order. Only wanted images become files, and what cannot
// be read but is named or looks like an image: a later stage then finds the file where it looks. If
// an entry is damaged, all files of the folder are removed and its Error is thrown. With
// `only`, the other entries are not looked at.
std::vector<ExtractedEntry> extractEntries(const ZipArchive& archive,
                                           const std::filesystem::path& folder,
                                           const WantedImages& wanted,
                                           const ExtractionProgress& progress,
                                           const std::stop_token& stop,
                                           const std::set<std::size_t>* only = nullptr);

}  // namespace sheafline::extract
