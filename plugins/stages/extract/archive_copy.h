// The batch's own copy of its archive. It is kept after the batch, because a sheet's image is read
// from it on demand, and no other program changes it while it is mapped.
#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>

#include <sheafline/durable_file.h>

#include "zip/archive_file.h"

namespace sheafline::extract {

// Copies `source`, also from another file system, to a file that becomes `copy` when it is
// published; before that, read it as unpublished(copy). Throws ARCHIVE_TRUNCATED if `source` is
// cut meanwhile.
std::unique_ptr<DurableFile> copyArchive(const ArchiveFile& source,
                                         const std::filesystem::path& copy,
                                         const std::stop_token& stop);

std::filesystem::path unpublished(const std::filesystem::path& copy);

}  // namespace sheafline::extract
