// An evaluation.json of OMRChecker: right answers and marking schemes. Pure but for reading files.
#pragma once

#include <filesystem>
#include <vector>

#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

// Throws ConfigError with all mistakes.
std::vector<KeyedAnswer> readOmrCheckerKey(const std::filesystem::path& file);

}  // namespace sheafline::sheets
