#include "overlay/colour_image.h"

#include <algorithm>
#include <cmath>
#include <png.h>
#include <stdexcept>

namespace sheafline::sheets {

namespace {

// Glyphs of three by five, three bits a row from the top, the leftmost highest.
struct Glyph {
    char letter;
    std::array<std::uint8_t, 5> rows;
};

constexpr std::array<Glyph, 44> kGlyphs{{
    {'0', {7, 5, 5, 5, 7}}, {'1', {2, 6, 2, 2, 7}}, {'2', {7, 1, 7, 4, 7}}, {'3', {7, 1, 3, 1, 7}},
    {'4', {5, 5, 7, 1, 1}}, {'5', {7, 4, 7, 1, 7}}, {'6', {7, 4, 7, 5, 7}}, {'7', {7, 1, 2, 2, 2}},
    {'8', {7, 5, 7, 5, 7}}, {'9', {7, 5, 7, 1, 7}}, {'A', {2, 5, 7, 5, 5}}, {'B', {6, 5, 6, 5, 6}},
    {'C', {3, 4, 4, 4, 3}}, {'D', {6, 5, 5, 5, 6}}, {'E', {7, 4, 6, 4, 7}}, {'F', {7, 4, 6, 4, 4}},
    {'G', {3, 4, 5, 5, 3}}, {'H', {5, 5, 7, 5, 5}}, {'I', {7, 2, 2, 2, 7}}, {'J', {1, 1, 1, 5, 2}},
    {'K', {5, 5, 6, 5, 5}}, {'L', {4, 4, 4, 4, 7}}, {'M', {5, 7, 7, 5, 5}}, {'N', {6, 5, 5, 5, 5}},
    {'O', {2, 5, 5, 5, 2}}, {'P', {6, 5, 6, 4, 4}}, {'Q', {2, 5, 5, 6, 3}}, {'R', {6, 5, 6, 5, 5}},
    {'S', {3, 4, 2, 1, 6}}, {'T', {7, 2, 2, 2, 2}}, {'U', {5, 5, 5, 5, 7}}, {'V', {5, 5, 5, 5, 2}},
    {'W', {5, 5, 7, 7, 5}}, {'X', {5, 5, 2, 5, 5}}, {'Y', {5, 5, 2, 2, 2}}, {'Z', {7, 1, 2, 4, 7}},
    {'.', {0, 0, 0, 0, 2}}, {':', {0, 2, 0, 2, 0}}, {'-', {0, 0, 7, 0, 0}}, {'_', {0, 0, 0, 0, 7}},
    {'%', {5, 1, 2, 4, 5}}, {',', {0, 0, 0, 2, 4}}, {';', {0, 2, 0, 2, 4}}, {'\'', {2, 2, 0, 0, 0}},
}};

}  // namespace

ColourImage::ColourImage(int width, int height)
    : width_(width),
      height_(height),
      pixels_(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3, 255) {}

ColourImage::ColourImage(const GreyImage& page) : ColourImage(page.width, page.height) {
    auto* target = pixels_.data();
    for (const std::uint8_t grey : page.pixels) {
        const auto pale = static_cast<std::uint8_t>(64 + grey * 3 / 4);
        for (int i = 0; i < 3; ++i) *target++ = pale;
    }
}

std::uint8_t* ColourImage::at(int x, int y) {
    return pixels_.data() + 3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) +
                                 static_cast<std::size_t>(x));
}

void ColourImage::dot(int x, int y, Colour colour) {
    if (x < 0 || y < 0 || x >= width_ || y >= height_) return;
    std::ranges::copy(colour, at(x, y));
}

void ColourImage::line(Point from, Point to, double width, Colour colour) {
    const double reach = width / 2;
    const int steps = 1 + static_cast<int>(std::min(distance(from, to), 1e5));
    for (int i = 0; i <= steps; ++i) {
        const double share = static_cast<double>(i) / steps;
        const double x = std::clamp(from.x + share * (to.x - from.x), -1e5, 1e5);
        const double y = std::clamp(from.y + share * (to.y - from.y), -1e5, 1e5);
        for (int py = static_cast<int>(y - reach); py <= static_cast<int>(y + reach); ++py) {
            for (int px = static_cast<int>(x - reach); px <= static_cast<int>(x + reach); ++px)
                dot(px, py, colour);
        }
    }
}

void ColourImage::polygon(const std::vector<Point>& corners, double width, Colour colour) {
    for (std::size_t i = 0; i < corners.size(); ++i)
        line(corners[i], corners[(i + 1) % corners.size()], width, colour);
}

void ColourImage::text(Point from, double height, std::string_view text, Colour colour) {
    const int cell = std::max(1, static_cast<int>(height / 5));
    for (char letter : text) {
        if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 32);
        const auto* const glyph = std::ranges::find(kGlyphs, letter, &Glyph::letter);
        for (int y = 0; glyph != kGlyphs.end() && y < 5 * cell; ++y) {
            for (int x = 0; x < 3 * cell; ++x) {
                const unsigned row = glyph->rows.at(static_cast<std::size_t>(y / cell));
                if ((row >> static_cast<unsigned>(2 - x / cell) & 1U) != 0)
                    dot(static_cast<int>(from.x) + x, static_cast<int>(from.y) + y, colour);
            }
        }
        from.x += 4 * cell;
    }
}

ColourImage ColourImage::cropped(PixelBox box) const {
    box = cutToPage(box, width_, height_);
    ColourImage part(box.width, box.height);
    for (int y = 0; y < box.height; ++y) {
        const auto offset = static_cast<std::ptrdiff_t>(
            3 * (static_cast<std::size_t>(box.y + y) * static_cast<std::size_t>(width_) +
                 static_cast<std::size_t>(box.x)));
        std::copy_n(pixels_.begin() + offset, 3 * box.width, part.at(0, y));
    }
    return part;
}

ColourImage ColourImage::below(int rows) const {
    ColourImage higher(width_, height_ + rows);
    std::ranges::copy(pixels_, higher.at(0, rows));
    return higher;
}

std::vector<std::uint8_t> ColourImage::png() const {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = static_cast<png_uint_32>(width_);
    image.height = static_cast<png_uint_32>(height_);
    image.format = PNG_FORMAT_RGB;
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
    std::vector<std::uint8_t> bytes(size);
    if (png_image_write_to_memory(&image, bytes.data(), &size, 0, pixels_.data(), 0, nullptr) == 0)
        throw std::runtime_error(std::string("the picture cannot be encoded: ") +
                                 std::begin(image.message));
    bytes.resize(size);
    return bytes;
}

}  // namespace sheafline::sheets
