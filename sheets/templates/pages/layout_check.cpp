#include "templates/pages/layout_check.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string_view>

namespace sheafline::sheets {

namespace {

struct Box {
    double left;
    double top;
    double right;
    double bottom;

    bool overlaps(const Box& other) const {
        return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
    }
};

struct Placed {
    Box box;
    std::size_t field;
    std::size_t bubble;
};

Box boxAround(Point centre, double half_width, double half_height) {
    return {centre.x - half_width, centre.y - half_height, centre.x + half_width,
            centre.y + half_height};
}

std::vector<Placed> placeBubbles(const Template& sheet) {
    std::vector<Placed> placed;
    for (std::size_t f = 0; f < sheet.fields.size(); ++f) {
        const Field& field = sheet.fields[f];
        for (std::size_t b = 0; b < field.bubbles.size(); ++b) {
            placed.push_back(
                {boxAround(field.bubbles[b].centre, field.half_width, field.half_height), f, b});
        }
    }
    return placed;
}

// Round ones may come closer to each other across their corners than boxes may.
bool overlapping(const Template& sheet, const Placed& a, const Placed& b) {
    if (!a.box.overlaps(b.box)) return false;
    const Field& first = sheet.fields[a.field];
    const Field& second = sheet.fields[b.field];
    return distance(first.bubbles[a.bubble].centre, second.bubbles[b.bubble].centre) <
           std::min(first.half_width, first.half_height) +
               std::min(second.half_width, second.half_height);
}

}  // namespace

std::vector<LayoutFinding> layoutFindings(const Template& sheet) {
    std::vector<LayoutFinding> findings;
    std::set<std::size_t> told;
    const auto bubbleOf = [&](const Placed& placed) {
        const Field& field = sheet.fields[placed.field];
        return "the bubble '" + field.bubbles[placed.bubble].value + "' of " + field.name;
    };
    const auto tell = [&](const Placed& placed, const std::string& what) {
        if (told.insert(placed.field).second)
            findings.push_back({placed.field, bubbleOf(placed) + " " + what});
    };
    std::vector<Box> taken;
    for (const Point& centre : sheet.align.centres) {
        if (sheet.align.by == AlignBy::fiducials)
            taken.push_back(boxAround(centre, sheet.align.side / 2, sheet.align.side / 2));
    }
    auto placed = placeBubbles(sheet);
    for (const Placed& bubble : placed) {
        if (bubble.box.left < 0 || bubble.box.top < 0 || bubble.box.right > sheet.width ||
            bubble.box.bottom > sheet.height) {
            tell(bubble, "is outside the page; move its field");
        }
        if (std::ranges::any_of(taken, [&](const Box& box) { return box.overlaps(bubble.box); })) {
            tell(bubble, "overlaps a fiducial; move its field");
        }
        if (sheet.qr && bubble.box.overlaps({sheet.qr->x, sheet.qr->y, sheet.qr->x + sheet.qr->side,
                                             sheet.qr->y + sheet.qr->side})) {
            tell(bubble, "overlaps the box of the QR code; move its field");
        }
    }
    std::ranges::sort(placed, {}, [](const Placed& bubble) { return bubble.box.top; });
    for (std::size_t i = 0; i < placed.size(); ++i) {
        for (std::size_t j = i + 1; j < placed.size(); ++j) {
            if (placed[j].box.top >= placed[i].box.bottom) break;
            if (!overlapping(sheet, placed[i], placed[j])) continue;
            tell(placed[j], "overlaps " + bubbleOf(placed[i]) + "; change step, origin or radius");
        }
    }
    return findings;
}

}  // namespace sheafline::sheets
