// The first bytes of an entry, without inflating all of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "zip_archive.h"

namespace sheafline::extract {

// Fewer bytes if the entry has fewer, or if it is damaged.
std::vector<std::uint8_t> startOf(const ZipArchive& archive, const ZipEntry& entry,
                                  std::size_t length);

}  // namespace sheafline::extract
