#include "overlay/rows_around.h"

#include <algorithm>

namespace sheafline::sheets {

namespace {

int bottomOf(const PixelBox& box) { return box.y + box.height; }
int rightOf(const PixelBox& box) { return box.x + box.width; }
int middleOf(const PixelBox& box) { return box.y + box.height / 2; }

bool sharesColumns(const PixelBox& one, const PixelBox& other) {
    return one.x < rightOf(other) && other.x < rightOf(one);
}

// The nearest ones, at most `rows`.
void add(PixelBox& box, std::vector<PixelBox> others, int rows, int from) {
    const auto distance = [from](const PixelBox& other) {
        return std::abs(middleOf(other) - from);
    };
    std::ranges::sort(others, {}, distance);
    others.resize(std::min(others.size(), static_cast<std::size_t>(rows)));
    for (const PixelBox& other : others) box = together(box, other);
}

}  // namespace

PixelBox together(const PixelBox& one, const PixelBox& other) {
    PixelBox both{std::min(one.x, other.x), std::min(one.y, other.y), 0, 0};
    both.width = std::max(rightOf(one), rightOf(other)) - both.x;
    both.height = std::max(bottomOf(one), bottomOf(other)) - both.y;
    return both;
}

PixelBox withRowsAround(const PixelBox& box, const std::vector<PixelBox>& fields, int rows) {
    std::vector<PixelBox> above;
    std::vector<PixelBox> below;
    int line = box.height;  // height of a row of text: labels are about as wide
    for (const PixelBox& field : fields) {
        line = std::min(line, field.height);
        const bool is_row = field.height <= 2 * box.height;  // not a grid of digits
        if (!is_row || !sharesColumns(box, field)) continue;
        if (middleOf(field) < box.y) above.push_back(field);
        if (middleOf(field) > bottomOf(box)) below.push_back(field);
    }
    PixelBox wide = box;
    add(wide, std::move(above), rows, box.y);
    add(wide, std::move(below), rows, bottomOf(box));
    wide.x -= 2 * line;
    wide.y -= line / 2;
    wide.width += 3 * line;
    wide.height += line;
    return wide;
}

}  // namespace sheafline::sheets
