#include "sample/draw_mark.h"

namespace sheafline::sheets {

namespace {

// The grey level whose darkness against the paper is `darkness`.
int inkOf(double darkness) { return static_cast<int>(kPaper * (1 - darkness)); }

// A bubble rubbed full: a disc of uneven edge, and the lines of the pen in it.
void fill(Canvas& canvas, Millimetres centre, double radius, int ink, double evenness, Dice& dice) {
    canvas.disc(centre, radius * 0.8, ink, evenness);
    for (int i = 0; i < 6; ++i) {
        const double height = (i - 2.5) / 2.5 * 0.8;
        const double half = radius * (1.02 - 0.5 * height * height) * dice.between(0.85, 1.05);
        const double tilt = radius * dice.between(-0.15, 0.15);
        const double y = centre.y + height * radius;
        canvas.stroke({.x = centre.x - half, .y = y + tilt}, {.x = centre.x + half, .y = y - tilt},
                      radius * dice.between(0.26, 0.36), ink, evenness);
    }
}

void tick(Canvas& canvas, Millimetres centre, double radius, int ink, Dice& dice) {
    const double width = radius * dice.between(0.29, 0.37);
    const Millimetres corner{.x = centre.x - radius * dice.between(0.1, 0.3),
                             .y = centre.y + radius * dice.between(0.45, 0.7)};
    canvas.stroke({.x = corner.x - radius * dice.between(0.5, 0.7),
                   .y = corner.y - radius * dice.between(0.55, 0.8)},
                  corner, width, ink);
    canvas.stroke(corner,
                  {.x = corner.x + radius * dice.between(0.9, 1.4),
                   .y = corner.y - radius * dice.between(1.3, 1.9)},
                  width, ink);
}

void cross(Canvas& canvas, Millimetres centre, double radius, int ink, Dice& dice) {
    const double width = radius * dice.between(0.25, 0.34);
    for (const int side : {-1, 1}) {
        const double reach = radius * dice.between(0.65, 0.9);
        const double lean = radius * dice.between(-0.1, 0.1);
        canvas.stroke({.x = centre.x - side * reach, .y = centre.y - reach + lean},
                      {.x = centre.x + side * reach, .y = centre.y + reach + lean}, width, ink);
    }
}

}  // namespace

std::string_view toString(MarkKind kind) {
    switch (kind) {
        case MarkKind::full:
            return "full";
        case MarkKind::light:
            return "light";
        case MarkKind::faint:
            return "faint";
        case MarkKind::tick:
            return "tick";
        case MarkKind::cross:
            return "cross";
        case MarkKind::dot:
            return "dot";
        case MarkKind::erased:
            return "erased";
    }
    return "";
}

void drawMark(Canvas& canvas, Millimetres centre, double radius, MarkKind kind, const Pen& pen,
              Dice& dice) {
    centre.x += radius * pen.sloppiness * dice.between(-1, 1);
    centre.y += radius * pen.sloppiness * dice.between(-1, 1);
    switch (kind) {
        case MarkKind::full:
            return fill(canvas, centre, radius * dice.between(0.92, 1.05), pen.ink,
                        dice.between(0.9, 1), dice);
        case MarkKind::light:
            return fill(canvas, centre, radius * dice.between(0.92, 1.05),
                        inkOf(dice.between(0.52, 0.68)), dice.between(0.75, 0.9), dice);
        case MarkKind::faint:
            return fill(canvas, centre, radius * dice.between(0.95, 1.05),
                        inkOf(dice.between(0.3, 0.43)), dice.between(0.75, 0.9), dice);
        case MarkKind::erased:
            return fill(canvas, centre, radius * dice.between(1, 1.15),
                        inkOf(dice.between(0.18, 0.31)), dice.between(0.7, 0.85), dice);
        case MarkKind::tick:
            return tick(canvas, centre, radius, pen.ink, dice);
        case MarkKind::cross:
            return cross(canvas, centre, radius, pen.ink, dice);
        case MarkKind::dot:
            return canvas.disc(centre, radius * dice.between(0.47, 0.58), pen.ink);
    }
}

}  // namespace sheafline::sheets
