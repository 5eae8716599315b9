// The charts of the report as inline SVG: they scale with the page, print sharply, carry a text for
// screen readers, and use the colors of the page's style. Pure.
#pragma once

#include <string>

#include "analysis.h"

namespace sheafline::analyze {

// How many sheets have which score, with the mean and one standard deviation around it.
std::string scoreHistogram(const Analysis& analysis);

// Each question by difficulty (across) and discrimination (up).
std::string questionMap(const Analysis& analysis);

// The share of each answer in the score groups, from weak to strong. Empty without groups.
std::string answerTraces(const QuestionFigures& question);

// Lowest to highest, quartiles and median of a class on a scale from 0 to `most_points`.
std::string scoreRange(const ScoreFigures& scores, double most_points);

}  // namespace sheafline::analyze
