// Filters that make a poor scan of a code readable again.
#pragma once

#include <sheafline/sheets/grey_image.h>

namespace sheafline::sheets {

// Each pixel the mean of a square of `factor` by `factor` pixels.
GreyImage reduced(const GreyImage& image, int factor);

// `factor` times as large, through cubic curves (Catmull-Rom), which keep edges steep.
GreyImage enlarged(const GreyImage& image, int factor);

// Each pixel the mean of the square of 2 * radius + 1 pixels around it.
GreyImage smoothed(const GreyImage& image, int radius);

// Takes the light of the surroundings out: `amount` times the difference to them is added. They are
// the image smoothed twice by `radius`.
GreyImage sharpened(const GreyImage& image, int radius, int amount);

// With a white border of `width` pixels.
GreyImage framed(const GreyImage& image, int width);

GreyImage inverted(GreyImage image);

}  // namespace sheafline::sheets
