// The proof of a map: the outlines that are printed on every sheet lie under the places of the
// template's bubbles, in each row and column, and nowhere else would all of them. The same proof
// for every way of finding a page. Pure.
#pragma once

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
    double contrast = 0;     // of the outlines under their places: the lower quartile
    double mean = 0;         // contrast of all of them, each counted up to what is plain to see
    double seen = 0;         // share of the bubbles whose outline lies under its place
    double weakest = 1;      // the least share in a row or column
    std::string where{};     // that row or column
    double residual = 0;     // half widths by which outlines typically lie beside their places
    double worst_block = 0;  // the same for the block that fits worst

    bool holds() const;
    // The same for a map that was bent to the print: it has to fit better.
    bool holdsBent() const;
    // Whether each row and column lies on print, however exactly.
    bool onPrint() const;
    // No answer is more certain than this.
    double confidence() const;
};

class MapProver {
 public:
    MapProver(const GreyImage& image, const Template& sheet);

    std::size_t count() const;  // of the bubbles

    // Cheap: contrasts at the places alone.
    MapProof glance(const Homography& map, const BubbleMoves& moves, const RingStyle& style) const;
    // The whole proof.
    MapProof prove(const Homography& map, const BubbleMoves& moves, const RingStyle& style) const;

    // Whether the whole grid would fit as well one step to a side, and `rough`, the map before it
    // was moved to print, does not tell which of the places is the right one.
    bool fitsElsewhere(const Homography& map, const Homography& rough, const RingStyle& style,
                       const MapProof& here) const;

 private:
    const GreyImage& image_;
    const Template& sheet_;
    const std::vector<BubbleBlock> blocks_;
};

}  // namespace sheafline::sheets
