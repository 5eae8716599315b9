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
constexpr double kExactResidual = 0.15;  // half widths: up to it, nothing is lost
constexpr double kCoveredShare = 0.72;   // of the paper: darker than that, a pen went around it
constexpr std::size_t kLocatedOfBlock = 7;

struct Sights {
    std::vector<double> contrasts{};
    std::vector<double> outsides{};
};

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

Sights lookAtAll(const GreyImage& image, const Homography& map,
                 const std::vector<Outline>& outlines) {
    Sights sights;
    sights.contrasts.reserve(outlines.size());
    sights.outsides.reserve(outlines.size());
    for (const Outline& outline : outlines) {
        const auto [contrast, outside] = RingProbe(image, map, outline).look({});
        sights.contrasts.push_back(contrast);
        sights.outsides.push_back(outside);
    }
    return sights;
}

}  // namespace

bool MapProof::onPrint() const { return seen >= kLeastSeen && weakest >= kLeastLine; }

bool MapProof::holds() const {
    return onPrint() && residual <= kMostResidual && worst_block <= kMostOfBlock;
}

bool MapProof::holdsBent() const {
    constexpr double kSeenBent = 0.9;
    constexpr double kLineBent = 0.7;
    return holds() && seen >= kSeenBent && weakest >= kLineBent;
}

double MapProof::confidence() const {
    if (!holds()) return 0;
    const double beyond = std::max({residual, 0.75 * worst_block, kExactResidual}) - kExactResidual;
    return 1 - beyond;  // 0.9 if bubbles are a quarter of their radius away from the print
}

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
    Sights sights = lookAtAll(image_, map, outlines);
    MapProof proof{.contrast = quantile(sights.contrasts, 0.25)};
    const double least =
        std::max(kLeastProofContrast,
                 kOfTypical * std::min(quantile(sights.contrasts, 0.5), 4 * kFullContrast));
    const double covered = kCoveredShare * quantile(sights.outsides, 0.75);
    for (std::size_t i = 0; i < outlines.size(); ++i) {
        if (sights.contrasts[i] < least)
            sights.contrasts[i] = contrastBeside(image_, map, outlines[i]);
    }
    double seen = 0;
    double known = 0;
    for (std::size_t i = 0; i < sights.contrasts.size(); ++i) {
        proof.mean += std::clamp(sights.contrasts[i], 0.0, kFullContrast);
        if (sights.contrasts[i] >= least)
            seen += 1;
        else if (sights.outsides[i] < covered && sights.outsides[i] > 0)
            continue;
        known += 1;
    }
    proof.mean /= static_cast<double>(std::max<std::size_t>(1, sights.contrasts.size()));
    proof.seen = known > 0 ? seen / known : 0;
    const BubbleLine* weakest = nullptr;
    for (const BubbleBlock& block : blocks_) {
        for (const BubbleLine& line : block.lines) {
            double in_sight = 0;
            double absent = 0;
            for (const std::size_t bubble : line.bubbles) {
                if (sights.contrasts[bubble] >= least)
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
    if (weakest != nullptr) proof.where = nameOf(*weakest, sheet_);
    return proof;
}

MapProof MapProver::prove(const Homography& map, const BubbleMoves& moves,
                          const RingStyle& style) const {
    MapProof proof = glance(map, moves, style);
    if (!proof.onPrint()) return proof;
    const auto outlines = outlinesOf(sheet_, moves, style);
    std::vector<double> all;
    for (const BubbleBlock& block : blocks_) {
        std::vector<double> offsets;
        const std::size_t count = std::min(block.bubbles.size(), kLocatedOfBlock);
        for (std::size_t i = 0; i < count; ++i) {
            const Outline& outline =
                outlines[block.bubbles[count == 1 ? 0
                                                  : i * (block.bubbles.size() - 1) / (count - 1)]];
            const auto found = findOutline(image_, map, outline, 0.45);
            if (!found) continue;
            const Point off = map.onPage(outline.centre, found->shift);
            offsets.push_back(std::hypot(off.x / outline.half_width, off.y / outline.half_height));
        }
        all.insert(all.end(), offsets.begin(), offsets.end());
        if (offsets.size() >= 4)
            proof.worst_block = std::max(proof.worst_block, quantile(std::move(offsets), 0.5));
    }
    proof.residual = quantile(std::move(all), 0.5);
    return proof;
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
