// Simulates what a scanner or a hand-held camera does to a page.
#pragma once

#include <array>

#include <sheafline/sheets/grey_image.h>

#include "sample/dice.h"

namespace sheafline::sheets {

struct ScanFlaws {
    double turn_degrees = 0;
    double scale = 1;
    std::array<double, 2> shift_mm{};
    std::array<double, 8> corner_mm{};  // x and y by which each corner is pulled: perspective
    int background = 250;               // grey level around the page
    double shade = 0;                   // 0 none, 0.3: the dark end is 30 % darker
    double shade_direction = 0;         // 0 left to right, 1 top to bottom
    double blur = 0;                    // deviation in pixels
    double noise = 0;                   // deviation in grey levels
};

GreyImage scan(const GreyImage& page, const ScanFlaws& flaws, Dice& dice);

}  // namespace sheafline::sheets
