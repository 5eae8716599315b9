// The proof of a page map: the printed outlines lie at the positions of the template's bubbles, in
// each row and column, and would not fit anywhere else. The same proof for every way of finding a
// page. Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include <sheafline/sheets/geometry.h>
#include <sheafline/sheets/grey_image.h>
#include <sheafline/sheets/template.h>

#include "align/bubble_list.h"
#include "align/ring_probe.h"

namespace sheafline::sheets {

struct MapProof {
    double contrast = 0;  // of the outlines at their positions: the lower quartile
    double mean = 0;      // mean contrast, each limited to a clearly visible value
    double seen = 0;      // share of the bubbles whose outline is at its position
    double weakest = 1;   // the least share in a row or column
    std::string where{};  // that row or column
    std::vector<std::size_t> weakest_line{};  // its bubbles
    double residual = 0;     // typical distance of outlines from their positions, in half widths
    double worst_block = 0;  // the same for the block that fits worst
    double worst_line = 0;   // and for the row, of those whose outlines look displaced

    double worst() const { return std::max(worst_block, worst_line); }

    bool holds() const;
    // The same for a map that was bent to the print: it has to fit better.
    bool holdsBent() const;
    // Whether each row and column lies on print, exactly or not.
    bool onPrint() const;
    // No answer has a higher confidence.
    double confidence() const;
};

class MapProver {
 public:
    MapProver(const GreyImage& image, const Template& sheet);

    std::size_t count() const;  // of the bubbles

    // Cheap: only the contrasts at the positions.
    MapProof glance(const Homography& map, const BubbleMoves& moves, const RingStyle& style) const;
    // The whole proof.
    MapProof prove(const Homography& map, const BubbleMoves& moves, const RingStyle& style) const;

    // Whether the whole grid would fit as well one step aside, and `rough`, the map before it was
    // moved to the print, does not decide which position is right.
    bool fitsElsewhere(const Homography& map, const Homography& rough, const RingStyle& style,
                       const MapProof& here) const;

 private:
    // Typical distances, in half widths; nothing if too few outlines were found.
    std::vector<double> distancesOf(const Homography& map, const std::vector<Outline>& outlines,
                                    const std::vector<std::size_t>& bubbles,
                                    std::size_t most) const;
    struct Sights;  // the contrasts at the positions

    MapProof judge(const Homography& map, const std::vector<Outline>& outlines,
                   const Sights& sights) const;
    double worstLine(const Homography& map, const std::vector<Outline>& outlines,
                     const Sights& sights) const;

    const GreyImage& image_;
    const Template& sheet_;
    const std::vector<BubbleBlock> blocks_;
};

}  // namespace sheafline::sheets
