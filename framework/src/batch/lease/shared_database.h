// Several servers that share a history cannot share a database that is a file: SQLite's locks do
// not hold on network file systems, and a file in a server's work folder is lost when another
// server continues the batch.
#pragma once

#include <filesystem>
#include <span>

#include "pipeline/pipeline.h"

namespace sheafline {

// Throws Error (SINK_ON_STORE) with the remedy if a value is a `sqlite:` URL of a file in one of
// these folders: the store and the work folder. Names that are links are resolved.
void requireNoDatabaseIn(std::span<const std::filesystem::path> folders, const ParamValues& values);

}  // namespace sheafline
