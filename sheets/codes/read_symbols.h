// The codes in an image, as the decoder finds them. Pure; any thread. On crafted images it may take
// very long.
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include <sheafline/sheets/code_format.h>
#include <sheafline/sheets/geometry.h>
#include <sheafline/sheets/grey_image.h>

namespace sheafline::sheets {

// How grey becomes black and white: by the mean of the surroundings, or by one threshold.
enum class Binarizer { local_average, global_histogram };

struct Symbol {
    std::string text{};  // UTF-8
    CodeFormat format = CodeFormat::qr;
    std::array<Point, 4> corners{};  // pixels, clockwise from the symbol's own top left
};

// Those whose own checks hold, at most `most` of them.
std::vector<Symbol> readSymbols(const GreyImage& image, std::span<const CodeFormat> formats,
                                Binarizer binarizer, int most);

}  // namespace sheafline::sheets
