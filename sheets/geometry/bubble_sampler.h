// Looks at bubbles and around them through the page's map; the page is never warped. Pure.
//
//     static const BubbleOffsets kRing(unitCircle(), 1.26);
//     std::array<float, 24> greys{};
//     BubbleSampler(image, map, bubble.centre, field.half_width, field.half_height, 255)
//         .sample(kRing, greys);
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <sheafline/sheets/geometry.h>
#include <sheafline/sheets/grey_image.h>

namespace sheafline::sheets {

// Points around a bubble's centre, in shares of its half width and height; in two columns, as the
// loops over them want it.
struct BubbleOffsets {
    std::vector<float> x{};
    std::vector<float> y{};
    double reach = 0;  // of the farthest point, in either direction

    static constexpr std::size_t kMostPoints = 144;

    // Throws std::length_error where there are more.
    explicit BubbleOffsets(std::span<const Point> points, double scale = 1);
};

// Most of the time that reading takes is spent here: places are in 256ths of a pixel and counted
// from the bubble's own pixel, so that whole numbers do. The loops use plain pointers: with the
// checks of operator[], which a release build has, they would not run on several points at once.
class BubbleSampler {
 public:
    // `beside` is the grey of what lies beside the page.
    BubbleSampler(const GreyImage& image, const Homography& map, Point centre, double half_width,
                  double half_height, float beside);

    Point middle() const { return middle_; }

    // Bilinear, all points moved by so many pixels.
    void sample(const BubbleOffsets& offsets, std::span<float> greys, Point shift = {}) const;

 private:
    using Places = std::array<std::uint32_t, BubbleOffsets::kMostPoints>;

    bool isInside(double reach, Point shift) const;
    void sampleInside(const std::uint32_t* xs, const std::uint32_t* ys,
                      std::span<float> greys) const;
    float greyAt(std::uint32_t x, std::uint32_t y) const;

    const GreyImage& image_;
    const float beside_;
    const Point middle_;
    Homography::Steps steps_{};  // for the half width and height
    int left_ = 0;
    int top_ = 0;
};

// Added in eight columns, which a processor does side by side.
float sumOf(std::span<const float> values);

}  // namespace sheafline::sheets
