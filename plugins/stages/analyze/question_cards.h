// The parts of the report about single questions. Pure.
#pragma once

#include <string>
#include <vector>

#include "analysis.h"

namespace sheafline::analyze {

// All questions in one table.
std::string questionTable(const Analysis& analysis);

// One question with the figures of its answers.
std::string questionCard(const Analysis& analysis, const QuestionFigures& question);

// A link to the card of a question of this analysis.
std::string linkTo(const Analysis& analysis, const QuestionFigures& question);

std::string remarkList(const std::vector<Remark>& remarks);

}  // namespace sheafline::analyze
