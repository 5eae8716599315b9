// What is printed around bubbles, and whether a pen went around one. Letters are printed inside, so
// the bubbles of all values have nearly the same print around them: how much it differs is known as
// well in a grid of two digits as in one of ten. Pure.
#pragma once

#include <span>
#include <vector>

#include "marks/learned_print.h"

namespace sheafline::sheets {

// The share of the directions in which something dark lies around the bubble.
double shareAround(std::span<const float> around);

// Where a circle touches the sides of a square, their print hides it: only its corners show it.
double shareAroundSquare(std::span<const float> around);

// `prints` are those around the bubbles of each value. They learn from each other; the result is by
// how much a pen must exceed any of them at each point.
std::vector<float> learnSurround(std::vector<LearnedPrint>& prints);

}  // namespace sheafline::sheets
