// One header of the directory, read and checked by itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "zip_directory.h"
#include "zip_end.h"

namespace sheafline::extract {

struct ZipHeader {
    ZipEntry entry{};                           // its name is set by nameEntries()
    std::string raw_name{};                     // as in the file
    std::optional<std::string> unicode_name{};  // in UTF-8, if the header says so
    std::uint16_t flags = 0;
    bool dos = false;                // made on a host where '\' separates folders
    std::uint64_t local_offset = 0;  // from the start of the file
};

// All headers of the directory, in its order.
std::vector<ZipHeader> readZipHeaders(const ArchiveFile& file, const ZipEnd& end,
                                      const ZipLimits& limits);

}  // namespace sheafline::extract
