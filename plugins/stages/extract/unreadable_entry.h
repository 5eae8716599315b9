// Entries of an archive that are no image that can be read: which of them a person would miss,
// because they are named or look like an image, and which are ignored. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "image_kind.h"
#include "zip/zip_directory.h"

namespace sheafline::extract {

// Why an entry is never a sheet: "is a folder", "is macOS metadata"; empty if it may be one.
std::string_view ignoredByName(const ZipEntry& entry);

// The kind of image that the end of the name promises; none if it promises no kind that is read.
ImageKind namedKind(std::string_view name);

// The same for an entry whose bytes cannot be had: "unreadable: the entry is encrypted; …". Empty
// if it is not named like an image.
std::string lockedReason(const ZipEntry& entry);

// Why a file that is not a readable image must be looked at by a person: "unreadable: the file is
// empty", "unreadable: the file is a PDF; …". Empty if it neither is named nor looks like an image.
std::string unreadableReason(const ZipEntry& entry, std::span<const std::uint8_t> bytes);

}  // namespace sheafline::extract
