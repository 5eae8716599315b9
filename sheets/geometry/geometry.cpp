#include <algorithm>
#include <cmath>

#include <sheafline/sheets/geometry.h>

#include "geometry/linear_equations.h"

namespace sheafline::sheets {

namespace {

constexpr std::size_t kUnknowns = 8;
using Equations = LinearEquations<kUnknowns>;

// Moved and scaled to the unit square, so that the equations are well conditioned.
struct Frame {
    Point centre{};
    double scale = 1;

    Point operator()(Point p) const {
        return {.x = (p.x - centre.x) * scale, .y = (p.y - centre.y) * scale};
    }
};

Frame frameOf(std::span<const PointPair> pairs, Point PointPair::*side) {
    Frame frame;
    for (const auto& pair : pairs) {
        frame.centre.x += (pair.*side).x / static_cast<double>(pairs.size());
        frame.centre.y += (pair.*side).y / static_cast<double>(pairs.size());
    }
    double reach = 1e-9;
    for (const auto& pair : pairs) reach = std::max(reach, distance(pair.*side, frame.centre));
    frame.scale = 1 / reach;
    return frame;
}

}  // namespace

double distance(Point a, Point b) { return std::hypot(a.x - b.x, a.y - b.y); }

std::optional<Homography> Homography::fit(std::span<const PointPair> pairs) {
    // Three pairs know nothing of perspective.
    return fit(pairs, pairs.size() == 3 ? kUnknowns - 2 : kUnknowns);
}

std::optional<Homography> Homography::fitAffine(std::span<const PointPair> pairs) {
    return fit(pairs, kUnknowns - 2);
}

std::optional<Homography> Homography::fit(std::span<const PointPair> pairs, std::size_t unknowns) {
    if (pairs.size() < 3) return std::nullopt;
    const Frame from = frameOf(pairs, &PointPair::from);
    const Frame to = frameOf(pairs, &PointPair::to);
    Equations sums;
    for (const auto& pair : pairs) {
        const auto [x, y] = from(pair.from);
        const auto [u, v] = to(pair.to);
        sums.add({x, y, 1, 0, 0, 0, -u * x, -u * y, u});
        sums.add({0, 0, 0, x, y, 1, -v * x, -v * y, v});
    }
    std::array<double, kUnknowns> m{};
    if (!sums.solve(unknowns, m)) return std::nullopt;

    // Undo the frames: to^-1 * m * from.
    const double s = from.scale;
    const double t = 1 / to.scale;
    const auto row = [&](double a, double b, double c) {
        return std::array{a * s, b * s, c - a * s * from.centre.x - b * s * from.centre.y};
    };
    const auto bottom = row(m[6], m[7], 1);
    const auto first = row(m[0], m[1], m[2]);
    const auto second = row(m[3], m[4], m[5]);
    std::array<double, 9> rows{};
    for (std::size_t i = 0; i < 3; ++i) {
        rows[i] = first[i] * t + bottom[i] * to.centre.x;
        rows[3 + i] = second[i] * t + bottom[i] * to.centre.y;
        rows[6 + i] = bottom[i];
    }
    if (std::abs(rows[8]) < 1e-12) return std::nullopt;
    for (auto& value : rows) value /= rows[8];
    const Homography map{rows};
    for (const auto& pair : pairs) {
        const double w = rows[6] * pair.from.x + rows[7] * pair.from.y + 1;
        if (w < 0.05) return std::nullopt;
    }
    return map;
}

Homography Homography::after(const Homography& before) const {
    std::array<double, 9> rows{};
    for (std::size_t row = 0; row < 3; ++row) {
        for (std::size_t column = 0; column < 3; ++column) {
            for (std::size_t k = 0; k < 3; ++k)
                rows[3 * row + column] += rows_[3 * row + k] * before.rows_[3 * k + column];
        }
    }
    const double scale = rows[8];
    for (double& value : rows) value /= scale;
    return Homography(rows);
}

Homography::Steps Homography::stepsAt(Point point) const {
    const Point here = (*this)(point);
    const Point right = (*this)({.x = point.x + 1, .y = point.y});
    const Point down = (*this)({.x = point.x, .y = point.y + 1});
    return {.right = {.x = right.x - here.x, .y = right.y - here.y},
            .down = {.x = down.x - here.x, .y = down.y - here.y}};
}

Point Homography::onPage(Point point, Point pixels) const {
    const auto [right, down] = stepsAt(point);
    const double area = right.x * down.y - right.y * down.x;
    if (area == 0) return {};
    return {.x = (pixels.x * down.y - pixels.y * down.x) / area,
            .y = (right.x * pixels.y - right.y * pixels.x) / area};
}

}  // namespace sheafline::sheets
