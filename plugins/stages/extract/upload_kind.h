// What kind of file was uploaded, by its first bytes and never by its name.
#pragma once

#include <cstdint>
#include <span>

#include "zip/archive_file.h"

namespace sheafline::extract {

enum class UploadKind {
    zip,  // or what is not known: reading its directory says what is wrong
    pdf,
    image,
};

UploadKind kindOfUpload(const ArchiveFile& upload);

// A PDF may begin with other bytes.
bool looksLikePdf(std::span<const std::uint8_t> start);
inline constexpr std::size_t kStartBytes = 1024;  // of a file, to find its kind

}  // namespace sheafline::extract
