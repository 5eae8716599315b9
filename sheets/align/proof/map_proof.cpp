#include "align/proof/map_proof.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "geometry/quantile.h"

namespace sheafline::sheets {

namespace {

constexpr double kFullContrast = 0.12;        // a higher contrast proves nothing more
constexpr double kLeastProofContrast = 0.02;  // noise and shadows stay below
constexpr double kBeside = 0.2;      // half widths: how far an outline may lie from its position
constexpr double kOfTypical = 0.35;  // of the sheet's typical outline: less is other print
constexpr double kLeastLine = 0.5;
constexpr double kLeastSeen = 0.8;
constexpr double kMostResidual = 0.25;  // half widths: marks are still read right
constexpr double kMostOfBlock = 0.33;
constexpr double kMostOfLine = 0.4;
constexpr double kExactResidual = 0.15;  // half widths: up to it, nothing is lost
constexpr double kCoveredShare = 0.72;   // of the paper: darker than that, a pen went around it
constexpr std::size_t kLocatedOfBlock = 7;

// The highest contrast close to the position.
double contrastBeside(const GreyImage& image, const Homography& map, const Outline& outline) {
    const auto [right, down] = map.stepsAt(outline.centre);
    const double across = kBeside * outline.half_width * std::hypot(right.x, right.y);
    const double along = kBeside * outline.half_height * std::hypot(down.x, down.y);
    const RingProbe probe(image, map, outline);
    double best = 0;
    for (const double x : {-across, 0.0, across}) {
        for (const double y : {-along, 0.0, along})
            best = std::max(best, probe.look({.x = x, .y = y}).contrast);
    }
    return best;
}

}  // namespace

bool MapProof::onPrint() const { return seen >= kLeastSeen && weakest >= kLeastLine; }

bool MapProof::holds() const {
    return onPrint() && residual <= kMostResidual && worst_block <= kMostOfBlock &&
           worst_line <= kMostOfLine;
}

bool MapProof::holdsBent() const {
    constexpr double kSeenBent = 0.9;
    constexpr double kLineBent = 0.7;
    return holds() && seen >= kSeenBent && weakest >= kLineBent;
}

double MapProof::confidence() const {
    if (!holds()) return 0;
    const double beyond = std::max({residual, 0.75 * worst(), kExactResidual}) - kExactResidual;
    return 1 - beyond;  // 0.9 if bubbles are a quarter of their radius away from the print
}

struct MapProver::Sights {
    std::vector<double> contrasts{};
    std::vector<double> outsides{};

    Sights(const GreyImage& image, const Homography& map, const std::vector<Outline>& outlines) {
        contrasts.reserve(outlines.size());
        outsides.reserve(outlines.size());
        for (const Outline& outline : outlines) {
            const auto [contrast, outside] = RingProbe(image, map, outline).look({});
            contrasts.push_back(contrast);
            outsides.push_back(outside);
        }
    }
};

MapProver::MapProver(const GreyImage& image, const Template& sheet)
    : image_(image), sheet_(sheet), blocks_(blocksOf(sheet)) {}

std::size_t MapProver::count() const {
    std::size_t count = 0;
    for (const BubbleBlock& block : blocks_) count += block.bubbles.size();
    return count;
}

MapProof MapProver::glance(const Homography& map, const BubbleMoves& moves,
                           const RingStyle& style) const {
    const auto outlines = outlinesOf(sheet_, moves, style);
    return judge(map, outlines, Sights(image_, map, outlines));
}

MapProof MapProver::judge(const Homography& map, const std::vector<Outline>& outlines,
                          const Sights& sights) const {
    std::vector<double> contrasts = sights.contrasts;
    MapProof proof{.contrast = quantile(contrasts, 0.25)};
    const double least = std::max(
        kLeastProofContrast, kOfTypical * std::min(quantile(contrasts, 0.5), 4 * kFullContrast));
    const double covered = kCoveredShare * quantile(sights.outsides, 0.75);
    for (std::size_t i = 0; i < outlines.size(); ++i) {
        if (contrasts[i] < least) contrasts[i] = contrastBeside(image_, map, outlines[i]);
    }
    double seen = 0;
    double known = 0;
    for (std::size_t i = 0; i < contrasts.size(); ++i) {
        proof.mean += std::clamp(contrasts[i], 0.0, kFullContrast);
        if (contrasts[i] >= least)
            seen += 1;
        else if (sights.outsides[i] < covered && sights.outsides[i] > 0)
            continue;
        known += 1;
    }
    proof.mean /= static_cast<double>(std::max<std::size_t>(1, contrasts.size()));
    proof.seen = known > 0 ? seen / known : 0;
    const BubbleLine* weakest = nullptr;
    for (const BubbleBlock& block : blocks_) {
        for (const BubbleLine& line : block.lines) {
            double in_sight = 0;
            double absent = 0;
            for (const std::size_t bubble : line.bubbles) {
                if (contrasts[bubble] >= least)
                    in_sight += 1;
                else if (sights.outsides[bubble] >= covered || sights.outsides[bubble] <= 0)
                    absent += 1;
            }
            // One bubble that a pen hid proves nothing.
            if (absent < 2 && line.bubbles.size() > 2) continue;
            const double share = in_sight / std::max(1.0, in_sight + absent);
            if (share >= proof.weakest) continue;
            proof.weakest = share;
            weakest = &line;
        }
    }
    if (weakest != nullptr) {
        proof.where = nameOf(*weakest, sheet_);
        proof.weakest_line = weakest->bubbles;
    }
    return proof;
}

MapProof MapProver::prove(const Homography& map, const BubbleMoves& moves,
                          const RingStyle& style) const {
    const auto outlines = outlinesOf(sheet_, moves, style);
    const Sights sights(image_, map, outlines);
    MapProof proof = judge(map, outlines, sights);
    if (!proof.onPrint()) return proof;
    std::vector<double> all;
    for (const BubbleBlock& block : blocks_) {
        std::vector<double> distances = distancesOf(map, outlines, block.bubbles, kLocatedOfBlock);
        all.insert(all.end(), distances.begin(), distances.end());
        if (distances.size() >= 4)
            proof.worst_block = std::max(proof.worst_block, quantile(std::move(distances), 0.5));
    }
    proof.residual = quantile(std::move(all), 0.5);
    proof.worst_line = worstLine(map, outlines, sights);
    return proof;
}

std::vector<double> MapProver::distancesOf(const Homography& map,
                                           const std::vector<Outline>& outlines,
                                           const std::vector<std::size_t>& bubbles,
                                           std::size_t most) const {
    std::vector<double> distances;
    const std::size_t count = std::min(bubbles.size(), most);
    for (std::size_t i = 0; i < count; ++i) {
        const Outline& outline =
            outlines[bubbles[count == 1 ? 0 : i * (bubbles.size() - 1) / (count - 1)]];
        const auto found = findOutline(image_, map, outline, 0.45);
        if (!found) continue;
        const Point off = map.onPage(outline.centre, found->shift);
        distances.push_back(std::hypot(off.x / outline.half_width, off.y / outline.half_height));
    }
    return distances;
}

// If less than half of a block slipped, its typical distance does not show it. The contrasts at the
// expected positions do, and they are cheap.
double MapProver::worstLine(const Homography& map, const std::vector<Outline>& outlines,
                            const Sights& sights) const {
    constexpr double kPaler = 0.75;
    constexpr std::size_t kLocatedOfLine = 5;
    double worst = 0;
    for (const BubbleBlock& block : blocks_) {
        std::vector<double> means;
        for (const BubbleLine& line : block.lines) {
            double sum = 0;
            for (const std::size_t bubble : line.bubbles) sum += sights.contrasts[bubble];
            means.push_back(sum / static_cast<double>(line.bubbles.size()));
        }
        const double plain = kPaler * quantile(means, 0.75);
        for (std::size_t i = 0; i < means.size(); ++i) {
            const BubbleLine& line = block.lines[i];
            if (line.first_field != line.last_field || means[i] >= plain) continue;
            std::vector<double> distances =
                distancesOf(map, outlines, line.bubbles, kLocatedOfLine);
            if (distances.size() >= 3) worst = std::max(worst, quantile(std::move(distances), 0.5));
        }
    }
    return worst;
}

bool MapProver::fitsElsewhere(const Homography& map, const Homography& rough,
                              const RingStyle& style, const MapProof& here) const {
    constexpr double kAsPlain = 0.8;
    constexpr double kLittle = 0.35;  // of a step: the rough map decides which position is right
    const auto outlines = outlinesOf(sheet_, {}, style);
    for (const auto member : {&BubbleBlock::step, &BubbleBlock::value_step}) {
        bool certain = true;
        for (const BubbleBlock& block : blocks_) {
            const Point at = outlines[block.bubbles[block.bubbles.size() / 2]].centre;
            const Point moved =
                map.onPage(at, {.x = map(at).x - rough(at).x, .y = map(at).y - rough(at).y});
            const Point step = block.*member;
            certain &= std::hypot(moved.x, moved.y) <= kLittle * std::hypot(step.x, step.y);
        }
        if (certain) continue;
        for (const double sign : {-1.0, 1.0}) {
            // Each block by its own step.
            BubbleMoves elsewhere(outlines.size());
            for (const BubbleBlock& block : blocks_) {
                const Point step = block.*member;
                for (const std::size_t bubble : block.bubbles)
                    elsewhere[bubble] = {.x = sign * step.x, .y = sign * step.y};
            }
            const MapProof there = glance(map, elsewhere, style);
            if (there.onPrint() && there.mean > kAsPlain * here.mean) return true;
        }
    }
    return false;
}

}  // namespace sheafline::sheets
