// The figures of analysis.json (docs/analysis.md) as worksheets: the exam with its classes, the
// questions, and their answers.
#pragma once

#include <filesystem>

#include "workbook.h"

namespace sheafline::exports {

// Throws Error ANALYSIS_UNREADABLE if the file is not an analysis.
void addAnalysis(Workbook& book, const std::filesystem::path& file);

}  // namespace sheafline::exports
