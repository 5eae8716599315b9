#include "align/follow_print.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "align/bubble_list.h"
#include "geometry/linear_equations.h"

namespace sheafline::sheets {

namespace {

constexpr double kMostBow = 3.5 / 210;  // of the page's width
constexpr double kMostStretch = 0.05;   // from bubble to bubble, besides slips
constexpr std::size_t kGlances = 80;    // outlines by which a bow is judged
constexpr std::size_t kTerms = 10;      // of a surface of the third degree

using Terms = std::array<double, kTerms>;

Terms termsAt(Point p) {
    return {1,
            p.x,
            p.y,
            p.x * p.x,
            p.x * p.y,
            p.y * p.y,
            p.x * p.x * p.x,
            p.x * p.x * p.y,
            p.x * p.y * p.y,
            p.y * p.y * p.y};
}

struct Offset {
    std::size_t bubble = 0;
    Point at{};    // on the page, from -1 to 1
    Point move{};  // in the template's lengths
};

double medianOf(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    return *middle;
}

class PrintFollower {
 public:
    PrintFollower(const GreyImage& image, const Homography& map, const Template& sheet,
                  const RingStyle& style)
        : image_(image), map_(map), sheet_(sheet), outlines_(outlinesOf(sheet, {}, style)) {}

    BubbleMoves follow() {
        if (outlines_.size() < 12) return {};
        BubbleMoves moves = bowed();
        moves = smoothed(moves, 0.9, 6);
        moves = smoothed(moves, 0.7, kTerms);
        moves = smoothed(moves, 0.45, kTerms);
        moves = besideNeighbors(moves);
        return isPaper(moves) ? moves : BubbleMoves{};
    }

 private:
    // Paper bends a little and hardly stretches: a map that needs more than that is wrong.
    bool isPaper(const BubbleMoves& moves) const {
        const double most = 1.2 * kMostBow * sheet_.width;
        for (std::size_t i = 0; i < moves.size(); ++i) {
            if (std::hypot(moves[i].x, moves[i].y) > most) return false;
            if (i == 0) continue;
            const double apart = distance(outlines_[i - 1].centre, outlines_[i].centre);
            const double slip = distance(moves[i - 1], moves[i]);
            const double half = std::min(outlines_[i].half_width, outlines_[i].half_height);
            if (slip > 0.6 * half + kMostStretch * apart) return false;
        }
        return true;
    }

    Point onUnitPage(std::size_t bubble) const {
        const Point centre = outlines_[bubble].centre;
        return {.x = 2 * centre.x / sheet_.width - 1, .y = 2 * centre.y / sheet_.height - 1};
    }

    Point bowAt(std::size_t bubble, double across, double down) const {
        const auto [x, y] = onUnitPage(bubble);
        return {.x = across * (1 - y * y), .y = down * (1 - x * x)};
    }

    Outline movedOutline(std::size_t bubble, Point move) const {
        Outline outline = outlines_[bubble];
        outline.centre = {.x = outline.centre.x + move.x, .y = outline.centre.y + move.y};
        return outline;
    }

    // The bow across and down with the most print under the bubbles.
    BubbleMoves bowed() const {
        const double most = kMostBow * sheet_.width;
        const double step = 0.4 * std::min(outlines_[0].half_width, outlines_[0].half_height);
        const int steps = std::min(12, static_cast<int>(most / step) + 1);
        double best = -1;
        Point bow{};
        for (int across = -steps; across <= steps; ++across) {
            for (int down = -steps; down <= steps; ++down) {
                const Point tried{.x = across * step, .y = down * step};
                // A flat page comes first.
                const double score = printUnder(tried) - 1e-3 * std::hypot(across, down);
                if (score <= best) continue;
                best = score;
                bow = tried;
            }
        }
        BubbleMoves moves(outlines_.size());
        for (std::size_t i = 0; i < moves.size(); ++i) moves[i] = bowAt(i, bow.x, bow.y);
        return moves;
    }

    double printUnder(Point bow) const {
        constexpr double kPlain = 0.2;
        double sum = 0;
        const std::size_t step = std::max<std::size_t>(1, outlines_.size() / kGlances);
        std::size_t count = 0;
        for (std::size_t i = 0; i < outlines_.size(); i += step, ++count) {
            const RingProbe probe(image_, map_, movedOutline(i, bowAt(i, bow.x, bow.y)));
            sum += std::clamp(probe.look({}).contrast, 0.0, kPlain);
        }
        return sum / static_cast<double>(count);
    }

    std::vector<Offset> locate(const BubbleMoves& moves, double reach) const {
        std::vector<Offset> offsets;
        for (std::size_t i = 0; i < outlines_.size(); ++i) {
            const Outline outline = movedOutline(i, moves[i]);
            const auto found = findOutline(image_, map_, outline, reach);
            if (!found) continue;
            const Point off = map_.onPage(outline.centre, found->shift);
            offsets.push_back({.bubble = i,
                               .at = onUnitPage(i),
                               .move = {.x = moves[i].x + off.x, .y = moves[i].y + off.y}});
        }
        return offsets;
    }

    // A surface with this many terms through the outlines, without those that strokes have
    // displaced.
    BubbleMoves smoothed(const BubbleMoves& moves, double reach, std::size_t terms) const {
        std::vector<Offset> offsets = locate(moves, reach);
        BubbleMoves result = moves;
        for (int round = 0; round < 3; ++round) {
            if (offsets.size() < 4 * terms) return result;
            LinearEquations<kTerms> across;
            LinearEquations<kTerms> down;
            for (const Offset& offset : offsets) {
                const Terms at = termsAt(offset.at);
                LinearEquations<kTerms>::Row row{};
                std::ranges::copy(at, row.begin());
                row[kTerms] = offset.move.x;
                across.add(row);
                row[kTerms] = offset.move.y;
                down.add(row);
            }
            Terms x{};
            Terms y{};
            if (!across.solve(terms, x) || !down.solve(terms, y)) return result;
            for (std::size_t i = 0; i < result.size(); ++i) {
                const Terms at = termsAt(onUnitPage(i));
                result[i] = {};
                for (std::size_t k = 0; k < terms; ++k) {
                    result[i].x += x[k] * at[k];
                    result[i].y += y[k] * at[k];
                }
            }
            std::vector<double> errors;
            errors.reserve(offsets.size());
            for (const Offset& offset : offsets)
                errors.push_back(distance(offset.move, result[offset.bubble]));
            const double most =
                std::max(2.5 * medianOf(std::move(errors)), 0.05 * outlines_[0].half_width);
            std::erase_if(offsets, [&](const Offset& offset) {
                return distance(offset.move, result[offset.bubble]) > most;
            });
        }
        return result;
    }

    // Moves each bubble like its nearest neighbors. This also follows slips, which a smooth surface
    // cannot.
    BubbleMoves besideNeighbors(const BubbleMoves& moves) const {
        constexpr std::size_t kNeighbors = 9;
        const std::vector<Offset> offsets = locate(moves, 0.5);
        if (offsets.size() < kNeighbors) return moves;
        BubbleMoves result = moves;
        std::vector<std::pair<double, const Offset*>> near(offsets.size());
        for (std::size_t i = 0; i < moves.size(); ++i) {
            for (std::size_t k = 0; k < offsets.size(); ++k) {
                near[k] = {distance(outlines_[i].centre, outlines_[offsets[k].bubble].centre),
                           &offsets[k]};
            }
            std::ranges::nth_element(near, near.begin() + kNeighbors);
            std::vector<double> x;
            std::vector<double> y;
            for (std::size_t k = 0; k < kNeighbors; ++k) {
                const Offset& offset = *near[k].second;
                x.push_back(offset.move.x - moves[offset.bubble].x);
                y.push_back(offset.move.y - moves[offset.bubble].y);
            }
            result[i].x += medianOf(std::move(x));
            result[i].y += medianOf(std::move(y));
        }
        return result;
    }

    const GreyImage& image_;
    const Homography& map_;
    const Template& sheet_;
    const std::vector<Outline> outlines_;
};

}  // namespace

BubbleMoves followPrint(const GreyImage& image, const Homography& map, const Template& sheet,
                        const RingStyle& style) {
    return PrintFollower(image, map, sheet, style).follow();
}

}  // namespace sheafline::sheets
