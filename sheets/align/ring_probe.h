// Looks for the printed outline of one bubble around the place where a map has it. Pure.
#pragma once

#include <optional>

#include <sheafline/sheets/geometry.h>
#include <sheafline/sheets/grey_image.h>
#include <sheafline/sheets/template.h>

#include "geometry/bubble_sampler.h"

namespace sheafline::sheets {

// A bubble's outline on the page.
struct Outline {
    Point centre{};
    double half_width = 0;
    double half_height = 0;
    BubbleShape shape = BubbleShape::circle;
};

// How a form's outlines differ from what its template says.
struct RingStyle {
    double ratio = 1;                    // of the printed outline to the template's bubble
    std::optional<BubbleShape> shape{};  // instead of the template's
};

class RingProbe {
 public:
    RingProbe(const GreyImage& image, const Homography& map, const Outline& outline);

    // What an outline moved by so many pixels shows.
    struct Sight {
        double contrast = 0;  // how much darker than the paper outside it is, as a share of it
        double outside = 0;   // grey level
    };
    Sight look(Point shift) const;

    Point middle() const { return sampler_.middle(); }

 private:
    const BubbleSampler sampler_;
    const BubbleShape shape_;
};

struct FoundOutline {
    Point shift{};  // in pixels, from where the map has it
    double contrast = 0;
};

// The place within `reach` half widths at which the outline shows best; nothing where it is not
// seen. Beyond half a width every place is tried.
std::optional<FoundOutline> findOutline(const GreyImage& image, const Homography& map,
                                        const Outline& outline, double reach);

}  // namespace sheafline::sheets
