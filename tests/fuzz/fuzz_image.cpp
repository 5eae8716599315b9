// Image files of one format: FUZZ_FORMAT is jpeg, png or tiff.
#include <sheafline/sheets/read_image.h>

#include "fuzz_input.h"

using namespace sheafline::sheets;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::span<const std::uint8_t> bytes(data, size);
    if (imageFormat(bytes) != ImageFormat::FUZZ_FORMAT) return -1;  // not for the corpus
    constexpr std::uint64_t kMostPixels = 1U << 20U;
    try {
        const int pages = countPages(bytes);
        const ImageInfo info = describeImage(bytes, {.max_pixels = kMostPixels});
        const GreyImage page = readImage(bytes, {.max_pixels = kMostPixels});
        sheafline::fuzz::require(pages >= 1 && page.width == info.width &&
                                 page.height == info.height);
        readPart(bytes, {.x = 1, .y = 1, .width = 16, .height = 16}, {.max_pixels = kMostPixels});
        if (pages > 1) readImage(bytes, {.page = pages, .max_pixels = kMostPixels});
    } catch (const UnreadableImage&) {  // rejected
    }
    return 0;
}
