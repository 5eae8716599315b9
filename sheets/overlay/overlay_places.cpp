#include <cmath>
#include <numbers>

#include <sheafline/sheets/overlay_places.h>

#include "marks/stored_page.h"

namespace sheafline::sheets {

namespace {

BubblePlace bubbleAt(const Homography& map, Point on_page, const Field& field, bool marked) {
    const auto steps = map.stepsAt(on_page);
    return {.centre = map(on_page),
            .half_width = field.half_width * std::hypot(steps.right.x, steps.right.y),
            .half_height = field.half_height * std::hypot(steps.down.x, steps.down.y),
            .turn_degrees = std::atan2(steps.right.y, steps.right.x) * 180 / std::numbers::pi,
            .marked = marked};
}

bool isPossible(const BubblePlace& bubble) {
    constexpr double kFar = 1e6;  // pixels
    return std::abs(bubble.centre.x) < kFar && std::abs(bubble.centre.y) < kFar &&
           bubble.half_width < kFar && bubble.half_height < kFar;
}

}  // namespace

std::optional<OverlayPlaces> overlayPlaces(std::string_view evidence, const Template& form) {
    const auto page = storedPage(evidence, form);
    if (!page || page->alignment.width <= 0 || page->alignment.height <= 0) return std::nullopt;
    const SheetAlignment& alignment = page->alignment;
    const Homography& map = alignment.map;
    OverlayPlaces places{.width = alignment.width,
                         .height = alignment.height,
                         .quarter_turns = alignment.quarter_turns,
                         .marks = alignment.marks};
    std::size_t next = 0;  // bubble, among all
    for (std::size_t f = 0; f < page->fields.size(); ++f) {
        const Field& field = page->sheet.fields[f];
        const FieldReading& read = page->fields[f];
        FieldPlace place{.name = field.name, .value = read.value, .flag = read.flag};
        for (std::size_t b = 0; b < field.bubbles.size(); ++b, ++next) {
            Point on_page = field.bubbles[b].centre;
            if (!alignment.moves.empty()) {
                on_page.x += alignment.moves[next].x;
                on_page.y += alignment.moves[next].y;
            }
            place.bubbles.push_back(bubbleAt(map, on_page, field, read.marked[b]));
            if (!isPossible(place.bubbles.back())) return std::nullopt;
        }
        places.fields.push_back(std::move(place));
    }
    for (const ImageArea& area : page->sheet.images) {
        const double right = area.x + area.width;
        const double bottom = area.y + area.height;
        places.images.push_back({.name = area.name,
                                 .corners = {map({area.x, area.y}), map({right, area.y}),
                                             map({right, bottom}), map({area.x, bottom})}});
    }
    return places;
}

}  // namespace sheafline::sheets
