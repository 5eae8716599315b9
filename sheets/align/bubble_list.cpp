#include "align/bubble_list.h"

#include <cmath>

namespace sheafline::sheets {

namespace {

Point between(Point from, Point to) { return {.x = to.x - from.x, .y = to.y - from.y}; }

bool haveSameShape(const Field& a, const Field& b) {
    return a.bubbles.size() == b.bubbles.size() && a.half_width == b.half_width &&
           a.half_height == b.half_height;
}

bool closeTo(Point a, Point b, double tolerance) { return distance(a, b) <= tolerance; }

// The end (one past the last) of the fields from `first` that form a block.
std::size_t endOfBlock(const Template& sheet, std::size_t first) {
    const Field& start = sheet.fields[first];
    std::size_t end = first + 1;
    Point step{};
    while (end < sheet.fields.size() && haveSameShape(start, sheet.fields[end])) {
        const Point next =
            between(sheet.fields[end - 1].bubbles[0].centre, sheet.fields[end].bubbles[0].centre);
        const bool same_run = end == first + 1 || closeTo(step, next, 0.2 * start.half_width);
        const bool aligned = closeTo(
            between(start.bubbles[0].centre, start.bubbles.back().centre),
            between(sheet.fields[end].bubbles[0].centre, sheet.fields[end].bubbles.back().centre),
            0.2 * start.half_width);
        const bool near = std::hypot(next.x, next.y) < 8 * (start.half_width + start.half_height);
        if (!same_run || !aligned || !near) break;
        step = next;
        ++end;
    }
    return end;
}

BubbleBlock blockOf(const Template& sheet, std::size_t first, std::size_t end,
                    std::size_t first_bubble) {
    BubbleBlock block;
    const Field& start = sheet.fields[first];
    const std::size_t width = start.bubbles.size();
    std::size_t bubble = first_bubble;
    for (std::size_t f = first; f < end; ++f) {
        BubbleLine line{.first_field = f, .last_field = f};
        for (std::size_t b = 0; b < width; ++b) line.bubbles.push_back(bubble++);
        block.bubbles.insert(block.bubbles.end(), line.bubbles.begin(), line.bubbles.end());
        block.lines.push_back(std::move(line));
    }
    for (std::size_t b = 0; end - first > 1 && b < width; ++b) {
        BubbleLine line{.first_field = first, .last_field = end - 1, .value = b};
        for (std::size_t f = 0; f < end - first; ++f)
            line.bubbles.push_back(first_bubble + f * width + b);
        block.lines.push_back(std::move(line));
    }
    if (end - first > 1)
        block.step = between(start.bubbles[0].centre, sheet.fields[first + 1].bubbles[0].centre);
    if (width > 1) block.value_step = between(start.bubbles[0].centre, start.bubbles[1].centre);
    return block;
}

}  // namespace

std::string nameOf(const BubbleLine& line, const Template& sheet) {
    const Field& field = sheet.fields[line.first_field];
    if (line.first_field == line.last_field) return field.name;
    return "value " + field.bubbles[line.value].value + " of " + field.name + " to " +
           sheet.fields[line.last_field].name;
}

std::vector<Outline> outlinesOf(const Template& sheet, const BubbleMoves& moves,
                                const RingStyle& style) {
    std::vector<Outline> outlines;
    for (const Field& field : sheet.fields) {
        for (const Bubble& bubble : field.bubbles) {
            Point centre = bubble.centre;
            if (!moves.empty()) {
                centre.x += moves[outlines.size()].x;
                centre.y += moves[outlines.size()].y;
            }
            outlines.push_back({.centre = centre,
                                .half_width = field.half_width * style.ratio,
                                .half_height = field.half_height * style.ratio,
                                .shape = style.shape.value_or(field.shape)});
        }
    }
    return outlines;
}

std::vector<BubbleBlock> blocksOf(const Template& sheet) {
    std::vector<BubbleBlock> blocks;
    std::size_t bubble = 0;
    for (std::size_t first = 0; first < sheet.fields.size();) {
        if (sheet.fields[first].bubbles.empty()) {
            ++first;
            continue;
        }
        const std::size_t end = endOfBlock(sheet, first);
        blocks.push_back(blockOf(sheet, first, end, bubble));
        bubble += (end - first) * sheet.fields[first].bubbles.size();
        first = end;
    }
    return blocks;
}

}  // namespace sheafline::sheets
