// An evaluation.json of OMRChecker: right answers and marking schemes. Only reads files.
#pragma once

#include <filesystem>
#include <vector>

#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

// Adds a CSV that it reads to `files`. Throws ConfigError with all findings.
std::vector<KeyedAnswer> readOmrCheckerKey(const std::filesystem::path& file,
                                           std::vector<std::filesystem::path>& files);

}  // namespace sheafline::sheets
