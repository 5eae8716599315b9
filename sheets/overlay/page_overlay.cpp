#include "overlay/page_overlay.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "align/ring_probe.h"

namespace sheafline::sheets {

namespace {

constexpr Colour kMarked{0, 140, 60};
constexpr Colour kEmpty{120, 130, 150};
constexpr Colour kFlagged{230, 110, 0};
constexpr Colour kMissing{200, 0, 0};
constexpr Colour kFiducial{20, 60, 230};

}  // namespace

Point PageOverlay::Turn::operator()(Point p) const {
    switch (quarters) {
        case 1:
            return {.x = height - p.y, .y = p.x};
        case 2:
            return {.x = width - p.x, .y = height - p.y};
        case 3:
            return {.x = p.y, .y = width - p.x};
        default:
            return p;
    }
}

PageOverlay::PageOverlay(const GreyImage& page, const Template& sheet, const SheetReading& reading)
    : sheet_(sheet),
      reading_(reading),
      turn_{(4 - reading.alignment.quarter_turns) % 4, static_cast<double>(page.width),
            static_cast<double>(page.height)},
      image_(turned(page, turn_.quarters)) {
    const auto right =
        reading.alignment.map.stepsAt({.x = sheet.width / 2, .y = sheet.height / 2}).right;
    scale_ = std::hypot(right.x, right.y);
    std::size_t bubbles = 0;
    for (const Field& field : sheet.fields) {
        first_bubbles_.push_back(bubbles);
        bubbles += field.bubbles.size();
    }
    drawFiducials();
    drawImageAreas();
    for (std::size_t i = 0; i < sheet.fields.size(); ++i) drawField(i);
}

void PageOverlay::drawFoundOutlines(const GreyImage& page) {
    constexpr double kReach = 0.9;  // half widths
    for (std::size_t f = 0; f < sheet_.fields.size(); ++f) {
        const Field& field = sheet_.fields[f];
        for (std::size_t b = 0; b < field.bubbles.size(); ++b) {
            const Outline outline{.centre = centreOf(f, b),
                                  .half_width = field.half_width,
                                  .half_height = field.half_height,
                                  .shape = field.shape};
            const Homography& map = reading_.alignment.map;
            const auto found = findOutline(page, map, outline, kReach);
            const Point expected = map(outline.centre);
            if (!found) {
                image_.polygon(ring(f, b, 1.0), 2, kMissing);
                continue;
            }
            const Point there =
                turn_({.x = expected.x + found->shift.x, .y = expected.y + found->shift.y});
            const Point here = turn_(expected);
            std::vector<Point> moved = ring(f, b, 1.0);
            for (Point& corner : moved)
                corner = {.x = corner.x + there.x - here.x, .y = corner.y + there.y - here.y};
            image_.polygon(moved, 1, kMarked);
            image_.line(here, there, 2, kFlagged);
        }
    }
}

void PageOverlay::drawExpectedMarks() {
    if (sheet_.align.by != AlignBy::fiducials && sheet_.align.by != AlignBy::image) return;
    const double half = sheet_.align.side;
    for (const Point centre : sheet_.align.centres)
        image_.polygon(
            {place({centre.x - half, centre.y - half}), place({centre.x + half, centre.y - half}),
             place({centre.x + half, centre.y + half}), place({centre.x - half, centre.y + half})},
            4, kMissing);
}

void PageOverlay::addHeading(const std::vector<std::string>& paragraphs) {
    constexpr int kLetters = 60;  // a line
    constexpr int kMargin = 6;
    const int cell = std::max(2, (image_.width() - 2 * kMargin) / (4 * kLetters));
    const auto most = static_cast<std::size_t>((image_.width() - 2 * kMargin) / (4 * cell));
    std::vector<std::string> lines;
    for (const std::string& paragraph : paragraphs) {
        lines.emplace_back();
        std::istringstream words(paragraph);
        for (std::string word; words >> word;) {
            if (!lines.back().empty() && lines.back().size() + 1 + word.size() > most)
                lines.emplace_back();
            lines.back() += (lines.back().empty() ? "" : " ") + word;
        }
    }
    const int step = 8 * cell;
    image_ = image_.below(2 * kMargin + step * static_cast<int>(lines.size()));
    double y = kMargin;
    for (const std::string& line : lines) {
        image_.text({kMargin, y}, 5.0 * cell, line, kMissing);
        y += step;
    }
}

PixelBox PageOverlay::boxOf(std::size_t field) const {
    double left = 1e9;
    double top = 1e9;
    double right = -1e9;
    double bottom = -1e9;
    for (std::size_t i = 0; i < sheet_.fields[field].bubbles.size(); ++i) {
        for (const Point corner : ring(field, i, 1.6)) {
            left = std::min(left, corner.x);
            right = std::max(right, corner.x);
            top = std::min(top, corner.y);
            bottom = std::max(bottom, corner.y);
        }
    }
    return {static_cast<int>(left), static_cast<int>(top), static_cast<int>(right - left) + 1,
            static_cast<int>(bottom - top) + 1};
}

Point PageOverlay::centreOf(std::size_t field, std::size_t bubble) const {
    Point centre = sheet_.fields[field].bubbles[bubble].centre;
    if (reading_.alignment.moves.empty()) return centre;
    const Point move = reading_.alignment.moves[first_bubbles_[field] + bubble];
    return {.x = centre.x + move.x, .y = centre.y + move.y};
}

Point PageOverlay::place(Point on_page) const { return turn_(reading_.alignment.map(on_page)); }

std::vector<Point> PageOverlay::ring(std::size_t field, std::size_t bubble, double reach) const {
    const Field& of = sheet_.fields[field];
    const Point centre = centreOf(field, bubble);
    std::vector<Point> corners;
    constexpr int kCorners = 24;
    for (int i = 0; i < kCorners; ++i) {
        const double angle = 6.283185307179586 * i / kCorners;
        corners.push_back(place({.x = centre.x + reach * of.half_width * std::cos(angle),
                                 .y = centre.y + reach * of.half_height * std::sin(angle)}));
    }
    return corners;
}

void PageOverlay::drawFiducials() {
    const PageAlignment& align = sheet_.align;
    const double half = align.side / 2;
    for (const Point centre : align.centres) {
        image_.polygon(
            {place({centre.x - half, centre.y - half}), place({centre.x + half, centre.y - half}),
             place({centre.x + half, centre.y + half}), place({centre.x - half, centre.y + half})},
            2, kFiducial);
    }
    for (const Point mark : reading_.alignment.marks) {
        const Point middle = turn_(mark);
        const double arm = 12;
        image_.line({middle.x - arm, middle.y}, {middle.x + arm, middle.y}, 2, kFiducial);
        image_.line({middle.x, middle.y - arm}, {middle.x, middle.y + arm}, 2, kFiducial);
    }
}

void PageOverlay::drawImageAreas() {
    for (const ImageArea& area : sheet_.images) {
        const double right = area.x + area.width;
        const double bottom = area.y + area.height;
        image_.polygon({place({area.x, area.y}), place({right, area.y}), place({right, bottom}),
                        place({area.x, bottom})},
                       2, kFiducial);
        image_.text(place({area.x, area.y}), 10, area.name, kFiducial);
    }
}

void PageOverlay::drawField(std::size_t index) {
    const Field& field = sheet_.fields[index];
    const FieldReading& read = reading_.fields[index];
    const bool flagged = read.flag != FieldFlag::ok;
    for (std::size_t i = 0; i < field.bubbles.size(); ++i) {
        const Colour colour = read.marked[i] ? (flagged ? kFlagged : kMarked) : kEmpty;
        image_.polygon(ring(index, i, 1.0), read.marked[i] ? 3 : 1, colour);
    }
    const Field& last = field;
    const Point label = place({.x = last.bubbles.back().centre.x + 1.5 * last.half_width,
                               .y = last.bubbles.back().centre.y - last.half_height});
    std::string text = read.value;
    if (flagged) text += (text.empty() ? "" : " ") + std::string(toString(read.flag));
    image_.text(label, std::max(8.0, 0.9 * last.half_height * scale_), text,
                flagged ? kFlagged : kMarked);
}

}  // namespace sheafline::sheets
