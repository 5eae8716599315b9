// The batch's own copy of its archive. It stays after the batch, since a sheet's image is read from
// it on demand, and nobody else can change it under us.
#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>

#include <sheafline/durable_file.h>

#include "archive_file.h"

namespace sheafline::extract {

// Copies `source` to a file that is `copy` once it is published, and can be read before that under
// unpublished(copy). Blocks are shared where the file system can.
std::unique_ptr<DurableFile> copyArchive(const ArchiveFile& source,
                                         const std::filesystem::path& copy,
                                         const std::stop_token& stop);

std::filesystem::path unpublished(const std::filesystem::path& copy);

}  // namespace sheafline::extract
