// Writers of the image files that the tests read: every kind that a scanner or a person produces.
#pragma once

#include <cstdint>
#include <vector>

#include <sheafline/sheets/grey_image.h>

namespace sheafline::sheets {

using Bytes = std::vector<std::uint8_t>;

// A page with soft shapes, so that JPEG hardly changes it, and without symmetry.
GreyImage softPage(int width, int height);

struct JpegKind {
    bool colour = false;  // YCbCr, chroma at half size
    bool progressive = false;
    bool print = false;   // CMYK, as Adobe stores it
    int orientation = 0;  // EXIF; 0 writes no block
    int dpi = 150;
};
Bytes writeJpeg(const GreyImage& image, const JpegKind& kind = {});

struct PngKind {
    int bits = 8;
    bool palette = false;
    bool colour = false;
    bool alpha = false;  // half transparent everywhere
    bool interlaced = false;
};
Bytes writePng(const GreyImage& image, const PngKind& kind = {});

struct TiffKind {
    int bits = 8;
    bool colour = false;
    bool white_is_zero = false;
    bool tiled = false;
    bool fax = false;  // CCITT group 4
    int orientation = 1;
    double dpi = 300;
    double dpi_down = 300;
};
Bytes writeTiff(const std::vector<GreyImage>& pages, const TiffKind& kind = {});

struct WebpKind {
    int orientation = 0;  // EXIF; 0 writes no block
    bool animated = false;
};
// Without loss.
Bytes writeWebp(const GreyImage& image, const WebpKind& kind = {});

// The largest difference of two pixels; 256 if the sizes differ.
int largestDifference(const GreyImage& a, const GreyImage& b);

}  // namespace sheafline::sheets
