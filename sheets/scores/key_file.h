// The key of a template: a CSV of right answers, a key in YAML or JSON, or an evaluation.json of
// OMRChecker, told by its content. Only reads files; any thread.
#pragma once

#include <filesystem>
#include <vector>

#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

// `sheet` has its output already; the answers are checked against it. Adds `file` and the files
// that it names to `files`. Throws ConfigError with all findings, each with its line.
// `may_name_files`: whether the key may name other files, which are then read.
ScoringKey readKeyFile(const std::filesystem::path& file, const Template& sheet,
                       std::vector<std::filesystem::path>& files, bool may_name_files = true);

// The part of the form's key that is about the columns of one page. The limits, scale and grades of
// the exam hold for all pages together, so a page does not have them.
ScoringKey keyOfPage(const Template& form, const Template& page);

// Adds the computed columns that the template's key has and its output lacks.
void addScoreColumns(Template& sheet);

}  // namespace sheafline::sheets
