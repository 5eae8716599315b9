#include <algorithm>
#include <utility>

#include <sheafline/sheets/grey_image.h>

namespace sheafline::sheets {

GreyImage blankImage(int width, int height, double dpi) {
    const auto count = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
    return {.width = width,
            .height = height,
            .dpi = dpi,
            .pixels = std::vector<std::uint8_t>(count, 255)};
}

PixelBox cutToPage(PixelBox box, int width, int height) {
    const auto end = [](int start, int size, int limit) {
        return static_cast<int>(std::clamp<std::int64_t>(std::int64_t{start} + size, 0, limit));
    };
    const int left = std::clamp(box.x, 0, width);
    const int top = std::clamp(box.y, 0, height);
    return {.x = left,
            .y = top,
            .width = std::max(0, end(box.x, box.width, width) - left),
            .height = std::max(0, end(box.y, box.height, height) - top)};
}

GreyImage crop(const GreyImage& image, PixelBox box) {
    box = cutToPage(box, image.width, image.height);
    GreyImage part{.width = box.width, .height = box.height, .dpi = image.dpi};
    part.pixels.reserve(static_cast<std::size_t>(part.width) *
                        static_cast<std::size_t>(part.height));
    for (int y = box.y; y < box.y + box.height; ++y) {
        const auto row = image.row(y).subspan(static_cast<std::size_t>(box.x),
                                              static_cast<std::size_t>(part.width));
        part.pixels.insert(part.pixels.end(), row.begin(), row.end());
    }
    return part;
}

GreyImage turned(const GreyImage& image, int quarter_turns) {
    const int turns = ((quarter_turns % 4) + 4) % 4;
    if (turns == 0) return image;
    GreyImage result{.width = image.width, .height = image.height, .dpi = image.dpi};
    if (turns == 2) {
        result.pixels.assign(image.pixels.rbegin(), image.pixels.rend());
        return result;
    }
    std::swap(result.width, result.height);
    result.pixels.resize(image.pixels.size());
    for (int y = 0; y < result.height; ++y) {
        const auto row = result.row(y);
        for (int x = 0; x < result.width; ++x) {
            row[static_cast<std::size_t>(x)] =
                turns == 1 ? image.at(y, image.height - 1 - x) : image.at(image.width - 1 - y, x);
        }
    }
    return result;
}

}  // namespace sheafline::sheets
