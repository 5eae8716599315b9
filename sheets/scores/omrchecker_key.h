// An evaluation.json of OMRChecker: right answers, marking schemes and conditional sets. Only reads
// files.
#pragma once

#include <filesystem>
#include <vector>

#include <sheafline/sheets/template.h>

#include "language/finding_list.h"
#include "language/yaml_document.h"

namespace sheafline::sheets {

// `root` is the document of `file`. Adds the CSV and the picture that it names to `files`, and what
// is wrong to `findings`; throws ConfigError with the findings of a CSV.
ScoringKey readOmrCheckerKey(const YamlNode& root, const std::filesystem::path& file,
                             const Template& sheet, FindingList& findings,
                             std::vector<std::filesystem::path>& files);

}  // namespace sheafline::sheets
