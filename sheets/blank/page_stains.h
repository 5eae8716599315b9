// What scanners and paper leave on a page, told apart from what people write: edges, holes,
// staples, streaks, dust. Lengths are pixels of the page; `unit` is the number of pixels in a
// millimeter.
#pragma once

#include <array>
#include <vector>

#include <sheafline/sheets/grey_image.h>

#include "align/dark_blobs.h"

namespace sheafline::sheets {

class PageStains {
 public:
    // `page` must outlive this object; `paper` is its usual grey level.
    PageStains(const GreyImage& page, double unit, double paper)
        : page_(page), unit_(unit), paper_(paper) {}

    // Without the spots that are no writing.
    std::vector<DarkBlob> withoutStains(std::vector<DarkBlob> spots) const;

 private:
    bool isEdge(const DarkBlob& spot) const;
    bool isStreak(const DarkBlob& spot) const;
    bool isStaple(const DarkBlob& spot) const;
    bool isHole(const DarkBlob& spot) const;
    // Holes are punched in a row along one side of the page.
    bool inRow(const DarkBlob& one, const DarkBlob& other) const;
    bool isDust(const DarkBlob& spot) const;
    void eraseHoles(std::vector<DarkBlob>& spots) const;
    void eraseDust(std::vector<DarkBlob>& spots) const;
    // The share of the spot that is joined to one of these sides of the page by a straight dark
    // line across it. Sides count clockwise from the left.
    double shareFromSides(const DarkBlob& spot, const std::array<bool, 4>& sides) const;
    // Mean distance of the dark pixels in the box from the line through their middle.
    double meanDistanceFromLine(const PixelBox& box) const;
    bool isDark(int x, int y) const { return page_.at(x, y) < kDark * paper_; }

    static constexpr double kDark = 0.9;

    const GreyImage& page_;
    const double unit_;
    const double paper_;
};

}  // namespace sheafline::sheets
