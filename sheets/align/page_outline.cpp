#include "align/page_outline.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "images/small_image.h"

namespace sheafline::sheets {

namespace {

constexpr int kSmallSide = 400;      // pixels of the longer side that is searched
constexpr double kLeastArea = 0.06;  // of the image
constexpr double kLeastFill = 0.88;  // of its four sides: how much of them the shape covers

// The threshold that splits two kinds of pixels best (Otsu 1979).
int splitLevel(const GreyImage& image) {
    std::array<double, 256> counts{};
    for (const std::uint8_t pixel : image.pixels) counts.at(pixel) += 1;
    double total = 0;
    double sum = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        total += counts.at(i);
        sum += static_cast<double>(i) * counts.at(i);
    }
    double below = 0;
    double below_sum = 0;
    double best = -1;
    int level = 128;
    for (std::size_t i = 0; i + 1 < counts.size(); ++i) {
        below += counts.at(i);
        below_sum += static_cast<double>(i) * counts.at(i);
        if (below == 0 || below == total) continue;
        const double gap = below_sum / below - (sum - below_sum) / (total - below);
        const double between = below * (total - below) * gap * gap;
        if (between <= best) continue;
        best = between;
        level = static_cast<int>(i);
    }
    return level;
}

struct Shape {
    int area = 0;
    std::vector<Point> outline{};  // the first and last pixel of each of its rows
};

// Bright shapes, filled from seeds; print makes holes in them, but not in their outline.
std::vector<Shape> brightShapes(const GreyImage& image, int level) {
    std::vector<Shape> shapes;
    std::vector<char> seen(image.pixels.size(), 0);
    std::vector<std::pair<int, int>> open;
    const auto visit = [&](int x, int y) {
        if (x < 0 || y < 0 || x >= image.width || y >= image.height) return;
        auto& mark = seen[static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) +
                          static_cast<std::size_t>(x)];
        if (mark != 0 || image.at(x, y) <= level) return;
        mark = 1;
        open.emplace_back(x, y);
    };
    for (int y = 0; y < image.height; ++y) {
        for (int x = 0; x < image.width; ++x) {
            visit(x, y);
            if (open.empty()) continue;
            Shape shape;
            std::vector<std::pair<int, int>> rows(static_cast<std::size_t>(image.height),
                                                  {image.width, -1});
            while (!open.empty()) {
                const auto [px, py] = open.back();
                open.pop_back();
                ++shape.area;
                auto& row = rows[static_cast<std::size_t>(py)];
                row = {std::min(row.first, px), std::max(row.second, px)};
                visit(px - 1, py);
                visit(px + 1, py);
                visit(px, py - 1);
                visit(px, py + 1);
            }
            for (int r = 0; r < image.height; ++r) {
                const auto [first, last] = rows[static_cast<std::size_t>(r)];
                if (last < 0) continue;
                shape.outline.push_back({.x = static_cast<double>(first), .y = r + 0.5});
                shape.outline.push_back({.x = last + 1.0, .y = r + 0.5});
            }
            shapes.push_back(std::move(shape));
        }
    }
    return shapes;
}

double cross(Point o, Point a, Point b) {
    return (a.x - o.x) * (b.y - o.y) - (a.y - o.y) * (b.x - o.x);
}

// Andrew's monotone chain; clockwise as seen on the image, whose y runs down.
std::vector<Point> hullOf(std::vector<Point> points) {
    std::ranges::sort(points,
                      [](Point a, Point b) { return a.x < b.x || (a.x == b.x && a.y < b.y); });
    std::vector<Point> hull;
    for (int side = 0; side < 2; ++side) {
        const std::size_t start = hull.size();
        for (const Point p : points) {
            while (hull.size() >= start + 2 && cross(hull[hull.size() - 2], hull.back(), p) <= 0) {
                hull.pop_back();
            }
            hull.push_back(p);
        }
        hull.pop_back();
        std::ranges::reverse(points);
    }
    return hull;
}

// Takes away the corner that matters least until four are left (Visvalingam and Whyatt 1993).
std::vector<Point> fourCorners(std::vector<Point> hull) {
    while (hull.size() > 4) {
        std::size_t least = 0;
        double smallest = 1e18;
        for (std::size_t i = 0; i < hull.size(); ++i) {
            const double area = std::abs(cross(hull[(i + hull.size() - 1) % hull.size()], hull[i],
                                               hull[(i + 1) % hull.size()]));
            if (area >= smallest) continue;
            smallest = area;
            least = i;
        }
        hull.erase(hull.begin() + static_cast<std::ptrdiff_t>(least));
    }
    return hull;
}

struct Line {
    Point at{};
    Point along{};
};

// Through the outline's points near the middle of a side, by least squares across it.
std::optional<Line> sideLine(const std::vector<Point>& outline, Point from, Point to) {
    const double length = distance(from, to);
    const Point along{.x = (to.x - from.x) / length, .y = (to.y - from.y) / length};
    double count = 0;
    Point sum{};
    double xx = 0;
    double xy = 0;
    for (const Point p : outline) {
        const double x = (p.x - from.x) * along.x + (p.y - from.y) * along.y;
        const double y = (p.y - from.y) * along.x - (p.x - from.x) * along.y;
        if (x < 0.1 * length || x > 0.9 * length || std::abs(y) > 0.02 * length + 2) continue;
        ++count;
        sum = {.x = sum.x + x, .y = sum.y + y};
        xx += x * x;
        xy += x * y;
    }
    const double spread = xx - sum.x * sum.x / std::max(count, 1.0);
    if (count < 8 || spread <= 0) return Line{.at = from, .along = along};
    const double slope = (xy - sum.x * sum.y / count) / spread;
    const double x = sum.x / count;
    const double y = sum.y / count;
    return Line{
        .at = {.x = from.x + along.x * x - along.y * y, .y = from.y + along.y * x + along.x * y},
        .along = {.x = along.x - slope * along.y, .y = along.y + slope * along.x}};
}

std::optional<Point> meet(const Line& a, const Line& b) {
    const double turn = a.along.x * b.along.y - a.along.y * b.along.x;
    if (std::abs(turn) < 1e-6) return std::nullopt;
    const double far = ((b.at.x - a.at.x) * b.along.y - (b.at.y - a.at.y) * b.along.x) / turn;
    return Point{.x = a.at.x + far * a.along.x, .y = a.at.y + far * a.along.y};
}

double areaOf(const std::vector<Point>& corners) {
    double area = 0;
    for (std::size_t i = 0; i < corners.size(); ++i) {
        const Point a = corners[i];
        const Point b = corners[(i + 1) % corners.size()];
        area += a.x * b.y - a.y * b.x;
    }
    return std::abs(area) / 2;
}

std::vector<Point> straighten(const std::vector<Point>& outline,
                              const std::vector<Point>& corners) {
    std::vector<Point> result;
    for (std::size_t i = 0; i < 4; ++i) {
        const auto before = sideLine(outline, corners[(i + 3) % 4], corners[i]);
        const auto after = sideLine(outline, corners[i], corners[(i + 1) % 4]);
        const auto corner = meet(*before, *after);
        const bool near =
            corner && distance(*corner, corners[i]) < 0.1 * distance(corners[0], corners[2]);
        result.push_back(near ? *corner : corners[i]);
    }
    return result;
}

}  // namespace

std::optional<std::array<Point, 4>> findPageOutline(const GreyImage& image) {
    const int factor = std::max(1, std::max(image.width, image.height) / kSmallSide);
    const GreyImage small = shrink(image, factor);
    if (small.width < 8 || small.height < 8) return std::nullopt;
    const double all = static_cast<double>(small.width) * small.height;
    std::vector<Point> best;
    double best_area = kLeastArea * all;
    for (const Shape& shape : brightShapes(small, splitLevel(small))) {
        if (shape.area < best_area * 0.5) continue;
        const std::vector<Point> hull = hullOf(shape.outline);
        if (hull.size() < 4) continue;
        const std::vector<Point> corners = fourCorners(hull);
        const double area = areaOf(corners);
        // Print is dark, and makes holes: the hull tells whether the sides are straight.
        if (areaOf(hull) * kLeastFill > area || shape.area < 0.6 * area) continue;
        if (area <= best_area) continue;
        best_area = area;
        best = straighten(shape.outline, corners);
    }
    if (best.empty()) return std::nullopt;
    const auto first = std::ranges::min_element(best, {}, [](Point p) { return p.x + p.y; });
    std::rotate(best.begin(), first, best.end());
    std::array<Point, 4> corners{};
    for (std::size_t i = 0; i < 4; ++i)
        corners.at(i) = {.x = best[i].x * factor, .y = best[i].y * factor};
    return corners;
}

}  // namespace sheafline::sheets
