// Judges the figures of an exam: which questions a teacher should look at, and which figures are
// rough. The limits and their sources are in docs/analysis.md. Pure.
#pragma once

#include "analysis.h"

namespace sheafline::analyze {

inline constexpr std::int64_t kLeastForJudgment = 10;  // sheets; fewer say nothing about a question

struct Limits {
    double min_discrimination = 0.2;
};

// Adds remarks to the analysis and to its questions.
void addRemarks(Analysis& analysis, const Limits& limits);

// Whether the key of a question is probably wrong.
bool isGrave(const Remark& remark);

}  // namespace sheafline::analyze
