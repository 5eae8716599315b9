// Points, and the perspective that carries millimetres of a page to pixels of its scan. Values.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include <sheafline/export.h>

namespace sheafline::sheets {

struct Point {
    double x = 0;
    double y = 0;

    bool operator==(const Point&) const = default;
};

SHEAFLINE_API double distance(Point a, Point b);

// A distance for each bubble of a template, in the order of its fields; empty: all are zero.
using BubbleMoves = std::vector<Point>;

struct PointPair {
    Point from;
    Point to;
};

// A plane perspective map, nine numbers row by row, the last of them 1.
class SHEAFLINE_API Homography {
 public:
    Homography() = default;  // maps every point to itself
    explicit Homography(const std::array<double, 9>& rows) : rows_(rows) {}

    // The best map by least squares: three pairs make it affine, more a perspective. Empty if the
    // points lie on a line or the map would fold the page.
    static std::optional<Homography> fit(std::span<const PointPair> pairs);

    // The same, but without perspective.
    static std::optional<Homography> fitAffine(std::span<const PointPair> pairs);

    // First `before`, then this.
    Homography after(const Homography& before) const;

    Point operator()(Point point) const {
        const double w = rows_[6] * point.x + rows_[7] * point.y + rows_[8];
        return {.x = (rows_[0] * point.x + rows_[1] * point.y + rows_[2]) / w,
                .y = (rows_[3] * point.x + rows_[4] * point.y + rows_[5]) / w};
    }
    // How the map stretches right around a point: the images of one unit to the right, and down.
    struct Steps {
        Point right;
        Point down;
    };
    Steps stepsAt(Point point) const;

    // How far apart two points lie on the image, in lengths of the page around `point`.
    Point onPage(Point point, Point pixels) const;

    const std::array<double, 9>& rows() const { return rows_; }

 private:
    static std::optional<Homography> fit(std::span<const PointPair> pairs, std::size_t unknowns);

    std::array<double, 9> rows_{1, 0, 0, 0, 1, 0, 0, 0, 1};
};

}  // namespace sheafline::sheets
