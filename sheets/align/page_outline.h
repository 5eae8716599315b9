// The paper of a photographed page: a bright four-sided shape on darker ground. Pure.
#pragma once

#include <array>
#include <optional>

#include <sheafline/sheets/geometry.h>
#include <sheafline/sheets/grey_image.h>

namespace sheafline::sheets {

// Its corners in pixels, clockwise from the one nearest to the image's top left. Nothing where no
// bright shape has four straight sides and a tenth of the image.
std::optional<std::array<Point, 4>> findPageOutline(const GreyImage& image);

}  // namespace sheafline::sheets
