// Puts the compressed pixels of a page into an image file, without decoding them. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sheafline::pdf {

// How an image becomes the page that people see.
struct Placement {
    int orientation = 1;   // 1 to 8, as EXIF and TIFF count
    double dpi_right = 0;  // along the rows of the image
    double dpi_down = 0;
};

using Palette = std::vector<std::array<std::uint8_t, 3>>;

struct Pixels {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    unsigned bits = 8;        // of a component
    unsigned components = 1;  // 1 gray or palette, 3 RGB, 4 CMYK
    bool white_is_zero = false;
    Palette palette{};  // empty: none
};

// As TIFF counts them.
enum class Compression : std::uint16_t {
    none = 1,
    fax_bytes = 2,  // one-dimensional, each row begins with a byte, no end of line
    fax3 = 3,
    fax4 = 4,
    deflate = 8,
};

struct TiffCoding {
    Compression compression = Compression::none;
    std::uint32_t fax3_options = 0;  // 1: two-dimensional, 4: ends of line are filled to a byte
    bool differences = false;        // TIFF predictor 2
};

std::string tiffFile(const Pixels& pixels, const Placement& placement, const TiffCoding& coding,
                     std::string_view strip);

// `zlib` is the data of the chunk IDAT: rows with PNG predictors.
std::string pngFile(const Pixels& pixels, const Placement& placement, std::string_view zlib);

// The bytes of `jpeg` with an orientation that overrides an earlier one. Empty if it is no JPEG.
std::string jpegFile(const Placement& placement, std::string_view jpeg);

}  // namespace sheafline::pdf
