// Draws the marks that people make in bubbles. Darkness of the inner 80 % of a bubble against the
// paper, as it is measured on real sheets: faint 0.24 to 0.39, tick 0.22 to 0.37, cross 0.25 to
// 0.45, dot 0.23 to 0.41, light 0.45 to 1, full 0.63 to 1, erased 0.14 to 0.25.
#pragma once

#include <string_view>

#include "sample/canvas.h"
#include "sample/dice.h"

namespace sheafline::sheets {

inline constexpr int kPaper = 250;  // the grey level of blank paper

enum class MarkKind { full, light, faint, tick, cross, dot, erased };

std::string_view toString(MarkKind kind);

// A person's pen: the same on a whole sheet.
struct Pen {
    int ink = 40;           // grey level of a firm stroke
    double sloppiness = 0;  // how far marks miss their bubbles, in radii
};

void drawMark(Canvas& canvas, Millimetres centre, double radius, MarkKind kind, const Pen& pen,
              Dice& dice);

}  // namespace sheafline::sheets
