// Image files as grey pages, upright as their orientation says. What a file is, its bytes decide,
// never its name: JPEG (also CMYK), PNG (1 to 16 bits, palette, alpha over white), WebP or a page
// of a TIFF. Pixels become square where the file says that they are not (fax). Size is checked
// before anything is decoded. Damaged and truncated files are rejected, never read in part.
// Thread-safe. All functions throw UnreadableImage with a reason that a person understands.
//
//     const auto bytes = readBytes(path);
//     const GreyImage page = readImage(bytes, {.page = 2});
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <stdexcept>
#include <string_view>
#include <vector>

#include <sheafline/export.h>
#include <sheafline/sheets/grey_image.h>

namespace sheafline::sheets {

class SHEAFLINE_API UnreadableImage : public std::runtime_error {
 public:
    using std::runtime_error::runtime_error;
};

enum class ImageFormat { jpeg, png, tiff, webp };

SHEAFLINE_API std::string_view toString(ImageFormat format);

// The format by its first bytes; empty if it is another one.
SHEAFLINE_API std::optional<ImageFormat> imageFormat(std::span<const std::uint8_t> bytes);

struct ReadOptions {
    int page = 1;  // of a TIFF; other files have one
    std::uint64_t max_pixels = 200'000'000;
};

// The data of the header, for the upright page.
struct ImageInfo {
    ImageFormat format = ImageFormat::jpeg;
    int width = 0;
    int height = 0;
    double dpi = 0;  // 0 where the file does not say
};

// Rejects a file that `extract` wrote and that has other bytes by now.
SHEAFLINE_API std::vector<std::uint8_t> readBytes(const std::filesystem::path& file);

SHEAFLINE_API ImageInfo describeImage(std::span<const std::uint8_t> bytes,
                                      const ReadOptions& options = {});
SHEAFLINE_API GreyImage readImage(std::span<const std::uint8_t> bytes,
                                  const ReadOptions& options = {});

// The pixels of `box` on the upright page; the box is cut to the page. Of a JPEG only the rows down
// to the end of the box are decoded, so damage below it is not seen.
SHEAFLINE_API GreyImage readPart(std::span<const std::uint8_t> bytes, PixelBox box,
                                 const ReadOptions& options = {});

// 1 for anything but a TIFF.
SHEAFLINE_API int countPages(std::span<const std::uint8_t> bytes);

}  // namespace sheafline::sheets
