#include <algorithm>
#include <array>
#include <cmath>
#include <png.h>
#include <stdexcept>
#include <string>

#include <sheafline/sheets/align_sheet.h>
#include <sheafline/sheets/form_pages.h>
#include <sheafline/sheets/overlay.h>

#include "geometry/warp.h"
#include "marks/apply_filters.h"

namespace sheafline::sheets {

namespace {

constexpr int kMostSide = 6000;  // pixels

PngBytes pngOf(const GreyImage& image) {
    png_image png{};
    png.version = PNG_IMAGE_VERSION;
    png.width = static_cast<png_uint_32>(image.width);
    png.height = static_cast<png_uint_32>(image.height);
    png.format = PNG_FORMAT_GRAY;
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(png);
    PngBytes bytes(size);
    if (png_image_write_to_memory(&png, bytes.data(), &size, 0, image.pixels.data(), 0, nullptr) ==
        0)
        throw std::runtime_error(std::string("the picture cannot be encoded: ") +
                                 std::begin(png.message));
    bytes.resize(size);
    return bytes;
}

}  // namespace

std::optional<PngBytes> cutOut(const GreyImage& page, const Template& form, std::string_view name,
                               const ReadSheetOptions& options) {
    if (std::ranges::find(form.images, name, &ImageArea::name) == form.images.end())
        return std::nullopt;
    const Template& sheet = pageOf(form, page, options);
    const auto found = std::ranges::find(sheet.images, name, &ImageArea::name);
    if (found == sheet.images.end()) return std::nullopt;
    const ImageArea& image = *found;
    const auto filtered = applyFilters(page, sheet.filters);
    const SheetAlignment aligned = alignSheet(filtered ? *filtered : page, sheet);
    const auto [right, down] =
        aligned.map.stepsAt({.x = image.x + image.width / 2, .y = image.y + image.height / 2});
    const auto pixels = [](double length, Point step) {
        return std::clamp(static_cast<int>(std::lround(length * std::hypot(step.x, step.y))), 1,
                          kMostSide);
    };
    const int width = pixels(image.width, right);
    const int height = pixels(image.height, down);
    // From pixels of the picture to lengths on the page.
    const Homography place(
        {image.width / width, 0, image.x, 0, image.height / height, image.y, 0, 0, 1});
    return pngOf(warp(page, aligned.map.after(place), width, height));
}

}  // namespace sheafline::sheets
