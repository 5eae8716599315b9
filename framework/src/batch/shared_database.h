// Several servers that share a history cannot share a database that is a file: SQLite's locks do
// not hold on network file systems, and a file in a server's work folder is lost when another
// server continues the batch.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "pipeline/pipeline.h"

namespace sheafline {

inline constexpr const char* kDatabaseOnStore = "SINK_ON_STORE";  // the code of the error

// What is wrong, with the remedy, if a value is a `sqlite:` URL of a file in one of these folders:
// the store and the work folder. Names that are links are resolved.
std::optional<std::string> databaseOnStore(const ParamValues& values,
                                           std::span<const std::filesystem::path> folders);

}  // namespace sheafline
