#include "blank/page_stains.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <map>
#include <utility>

namespace sheafline::sheets {

namespace {

// Millimeters.
constexpr double kEdgeDepth = 15;
constexpr double kPaperEdgeLength = 40;
constexpr double kPaperEdgeWidth = 1.5;
constexpr double kStreakWidth = 0.9;
constexpr double kStapleLength = 16;
constexpr double kStapleWidth = 2.5;
constexpr double kStaplePlace = 30;  // from the nearest corner, along both sides
constexpr double kLeastHole = 4.5;   // across; 6 is usual, 8 the largest
constexpr double kMostHole = 10;
constexpr double kLeastHolePlace = 7;  // from its side of the page to its middle
constexpr double kMostHolePlace = 18;
constexpr double kLeastHoleStep = 40;
constexpr double kDustSize = 0.7;
constexpr double kDustCell = 10;
constexpr int kMostDust = 3;  // in a cell: more may be a code, or writing that is broken up

constexpr std::size_t kMostStaples = 2;

struct Room {
    double left;
    double top;
    double right;
    double bottom;

    double least() const { return std::min({left, top, right, bottom}); }
};

// From a point to the sides of the page.
Room roomAround(Point place, const GreyImage& page) {
    return {place.x, place.y, page.width - place.x, page.height - place.y};
}

}  // namespace

std::vector<DarkBlob> PageStains::withoutStains(std::vector<DarkBlob> spots) const {
    std::erase_if(spots, [this](const DarkBlob& spot) { return isEdge(spot) || isStreak(spot); });
    eraseHoles(spots);
    const auto staples = std::ranges::count_if(
        spots, [this](const DarkBlob& spot) { return !isDust(spot) && isStaple(spot); });
    if (static_cast<std::size_t>(staples) <= kMostStaples)
        std::erase_if(spots, [this](const DarkBlob& spot) { return isStaple(spot); });
    eraseDust(spots);
    return spots;
}

// What lies beside the paper, the shadow of its edge, and folded corners.
bool PageStains::isEdge(const DarkBlob& spot) const {
    const PixelBox& box = spot.box;
    const std::array away{box.x, box.y, page_.width - box.x - box.width,
                          page_.height - box.y - box.height};
    std::array<bool, 4> touches{};
    bool may_be_stroke = true;  // deeper than it is long
    for (std::size_t side = 0; side < away.size(); ++side) {
        const double depth = side % 2 == 0 ? box.width : box.height;
        const double length = side % 2 == 0 ? box.height : box.width;
        touches.at(side) = away.at(side) == 0;
        if (touches.at(side) && length >= depth) may_be_stroke = false;
        if (away.at(side) + depth <= kEdgeDepth * unit_ && length > kPaperEdgeLength * unit_ &&
            spot.area < kPaperEdgeWidth * unit_ * length)
            return true;
    }
    return !may_be_stroke && shareFromSides(spot, touches) > 0.85;
}

// Dirt on the glass of a feeder draws a line from one side of the page to the other.
bool PageStains::isStreak(const DarkBlob& spot) const {
    const auto isLine = [this](int length, int side, int width) {
        return length > 0.9 * side && width <= kStreakWidth * unit_ + 1;
    };
    return isLine(spot.box.height, page_.height, spot.box.width) ||
           isLine(spot.box.width, page_.width, spot.box.height);
}

bool PageStains::isStaple(const DarkBlob& spot) const {
    const double length = std::hypot(spot.box.width, spot.box.height);
    if (length > kStapleLength * unit_) return false;
    const Room room = roomAround(spot.centre, page_);
    if (std::min(room.left, room.right) > kStaplePlace * unit_ ||
        std::min(room.top, room.bottom) > kStaplePlace * unit_)
        return false;
    // A line of the width w lies w / 4 beside its middle on average.
    const double width = 4 * meanDistanceFromLine(spot.box);
    return width < kStapleWidth * unit_ && length > 3 * width;
}

bool PageStains::isHole(const DarkBlob& spot) const {
    const auto [least, most] = std::minmax(spot.box.width, spot.box.height);
    if (least < kLeastHole * unit_ || most > kMostHole * unit_) return false;
    const double place = roomAround(spot.centre, page_).least();
    if (place < kLeastHolePlace * unit_ || place > kMostHolePlace * unit_) return false;
    return least > 0.75 * most && spot.fill() > 0.6 && spot.fill() < 0.92;
}

bool PageStains::inRow(const DarkBlob& one, const DarkBlob& other) const {
    constexpr double kOff = 3;
    const double across = std::abs(one.centre.x - other.centre.x);
    const double down = std::abs(one.centre.y - other.centre.y);
    return std::max(across, down) > kLeastHoleStep * unit_ &&
           std::min(across, down) < kOff * unit_ + 0.05 * std::max(across, down) &&
           std::abs(one.box.width - other.box.width) < unit_;
}

void PageStains::eraseHoles(std::vector<DarkBlob>& spots) const {
    std::vector<DarkBlob> holes;
    std::ranges::copy_if(spots, std::back_inserter(holes),
                         [this](const DarkBlob& spot) { return isHole(spot); });
    std::erase_if(spots, [&](const DarkBlob& spot) {
        return isHole(spot) && std::ranges::any_of(holes, [&](const DarkBlob& other) {
                   return inRow(spot, other);
               });
    });
}

bool PageStains::isDust(const DarkBlob& spot) const {
    constexpr double kSmoothing = 2;  // pixels by which smoothing made it larger
    const double size = kDustSize * unit_ + kSmoothing;
    return std::max(spot.box.width, spot.box.height) <= 1.5 * size && spot.area <= size * size;
}

void PageStains::eraseDust(std::vector<DarkBlob>& spots) const {
    std::map<std::pair<int, int>, int> cells;
    const auto cellOf = [this](const DarkBlob& spot) {
        return std::pair(static_cast<int>(spot.centre.x / (kDustCell * unit_)),
                         static_cast<int>(spot.centre.y / (kDustCell * unit_)));
    };
    for (const DarkBlob& spot : spots) cells[cellOf(spot)] += isDust(spot) ? 1 : 0;
    std::erase_if(spots, [&](const DarkBlob& spot) {
        return isDust(spot) && cells[cellOf(spot)] <= kMostDust;
    });
}

double PageStains::shareFromSides(const DarkBlob& spot, const std::array<bool, 4>& sides) const {
    const PixelBox& box = spot.box;
    const auto width = static_cast<std::size_t>(box.width);
    std::vector<bool> joined(width * static_cast<std::size_t>(box.height));
    const int most = static_cast<int>(kEdgeDepth * unit_);
    for (std::size_t side = 0; side < sides.size(); ++side) {
        if (!sides.at(side)) continue;
        const bool across = side % 2 == 0;
        const int lines = across ? box.height : box.width;
        const int depth = across ? box.width : box.height;
        for (int line = 0; line < lines; ++line) {
            for (int step = 0; step < std::min(depth, most); ++step) {
                const int into = side >= 2 ? depth - 1 - step : step;
                const int x = across ? into : line;
                const int y = across ? line : into;
                if (!isDark(box.x + x, box.y + y)) break;
                joined[static_cast<std::size_t>(y) * width + static_cast<std::size_t>(x)] = true;
            }
        }
    }
    std::size_t dark = 0;
    for (int y = box.y; y < box.y + box.height; ++y)
        for (int x = box.x; x < box.x + box.width; ++x) dark += isDark(x, y) ? 1 : 0;
    // The box may have other spots in it, and the rim of the spot may be too pale.
    const auto of = std::min(dark, static_cast<std::size_t>(spot.area));
    const auto from_sides = static_cast<double>(std::ranges::count(joined, true));
    return of == 0 ? 1 : from_sides / static_cast<double>(of);
}

double PageStains::meanDistanceFromLine(const PixelBox& box) const {
    std::vector<Point> dark;
    Point mean{};
    for (int y = box.y; y < box.y + box.height; ++y) {
        for (int x = box.x; x < box.x + box.width; ++x) {
            if (!isDark(x, y)) continue;
            dark.push_back({.x = static_cast<double>(x), .y = static_cast<double>(y)});
            mean = {.x = mean.x + x, .y = mean.y + y};
        }
    }
    if (dark.empty()) return page_.width;  // too pale to be a staple
    const auto count = static_cast<double>(dark.size());
    mean = {.x = mean.x / count, .y = mean.y / count};
    double xx = 0;
    double xy = 0;
    double yy = 0;
    for (const Point p : dark) {
        xx += (p.x - mean.x) * (p.x - mean.x);
        xy += (p.x - mean.x) * (p.y - mean.y);
        yy += (p.y - mean.y) * (p.y - mean.y);
    }
    const double angle = 0.5 * std::atan2(2 * xy, xx - yy);
    double sum = 0;
    for (const Point p : dark)
        sum += std::abs((p.y - mean.y) * std::cos(angle) - (p.x - mean.x) * std::sin(angle));
    return sum / count;
}

}  // namespace sheafline::sheets
