#include "sample/canvas.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace sheafline::sheets {

namespace {

constexpr int kGlyphRows = 7;
constexpr int kGlyphColumns = 5;

struct Glyph {
    char letter;
    std::array<std::uint8_t, kGlyphRows> rows;  // five bits each, the leftmost highest
};

constexpr std::array<Glyph, 40> kGlyphs{{
    {'0', {14, 17, 19, 21, 25, 17, 14}}, {'1', {4, 12, 4, 4, 4, 4, 14}},
    {'2', {14, 17, 1, 2, 4, 8, 31}},     {'3', {31, 2, 4, 2, 1, 17, 14}},
    {'4', {2, 6, 10, 18, 31, 2, 2}},     {'5', {31, 16, 30, 1, 1, 17, 14}},
    {'6', {6, 8, 16, 30, 17, 17, 14}},   {'7', {31, 1, 2, 4, 8, 8, 8}},
    {'8', {14, 17, 17, 14, 17, 17, 14}}, {'9', {14, 17, 17, 15, 1, 2, 12}},
    {'A', {14, 17, 17, 31, 17, 17, 17}}, {'B', {30, 17, 17, 30, 17, 17, 30}},
    {'C', {14, 17, 16, 16, 16, 17, 14}}, {'D', {30, 17, 17, 17, 17, 17, 30}},
    {'E', {31, 16, 16, 30, 16, 16, 31}}, {'F', {31, 16, 16, 30, 16, 16, 16}},
    {'G', {14, 17, 16, 23, 17, 17, 15}}, {'H', {17, 17, 17, 31, 17, 17, 17}},
    {'I', {14, 4, 4, 4, 4, 4, 14}},      {'J', {7, 2, 2, 2, 2, 18, 12}},
    {'K', {17, 18, 20, 24, 20, 18, 17}}, {'L', {16, 16, 16, 16, 16, 16, 31}},
    {'M', {17, 27, 21, 21, 17, 17, 17}}, {'N', {17, 25, 21, 19, 17, 17, 17}},
    {'O', {14, 17, 17, 17, 17, 17, 14}}, {'P', {30, 17, 17, 30, 16, 16, 16}},
    {'Q', {14, 17, 17, 17, 21, 18, 13}}, {'R', {30, 17, 17, 30, 20, 18, 17}},
    {'S', {15, 16, 16, 14, 1, 1, 30}},   {'T', {31, 4, 4, 4, 4, 4, 4}},
    {'U', {17, 17, 17, 17, 17, 17, 14}}, {'V', {17, 17, 17, 17, 17, 10, 4}},
    {'W', {17, 17, 17, 21, 21, 27, 17}}, {'X', {17, 17, 10, 4, 10, 17, 17}},
    {'Y', {17, 17, 10, 4, 4, 4, 4}},     {'Z', {31, 1, 2, 4, 8, 16, 31}},
    {'-', {0, 0, 0, 31, 0, 0, 0}},       {'/', {1, 1, 2, 4, 8, 16, 16}},
    {'.', {0, 0, 0, 0, 0, 12, 12}},      {':', {0, 12, 12, 0, 12, 12, 0}},
}};

// How much of a pixel lies inside an edge that is `distance` pixels away, inside counted positive.
double inside(double distance) { return std::clamp(distance + 0.5, 0.0, 1.0); }

}  // namespace

template <typename Coverage>
void Canvas::paint(double left, double top, double right, double bottom, int ink,
                   Coverage coverage) {
    const int first_x = std::max(0, static_cast<int>(std::floor(left * pixels_per_mm_)) - 1);
    const int first_y = std::max(0, static_cast<int>(std::floor(top * pixels_per_mm_)) - 1);
    const int last_x =
        std::min(page_.width - 1, static_cast<int>(std::ceil(right * pixels_per_mm_)) + 1);
    const int last_y =
        std::min(page_.height - 1, static_cast<int>(std::ceil(bottom * pixels_per_mm_)) + 1);
    for (int y = first_y; y <= last_y; ++y) {
        const auto row = page_.row(y);
        for (int x = first_x; x <= last_x; ++x) {
            auto& pixel = row[static_cast<std::size_t>(x)];
            const double share = coverage(x + 0.5, y + 0.5);
            if (share <= 0) continue;
            pixel = static_cast<std::uint8_t>(pixel + (ink - pixel) * share);
        }
    }
}

void Canvas::rectangle(Millimetres corner, double width, double height, int ink) {
    const double left = corner.x * pixels_per_mm_;
    const double top = corner.y * pixels_per_mm_;
    const double right = left + width * pixels_per_mm_;
    const double bottom = top + height * pixels_per_mm_;
    paint(corner.x, corner.y, corner.x + width, corner.y + height, ink, [&](double x, double y) {
        return inside(std::min(x - left, right - x)) * inside(std::min(y - top, bottom - y));
    });
}

void Canvas::disc(Millimetres centre, double radius, int ink, double opacity) {
    const double centre_x = centre.x * pixels_per_mm_;
    const double centre_y = centre.y * pixels_per_mm_;
    paint(centre.x - radius, centre.y - radius, centre.x + radius, centre.y + radius, ink,
          [&](double x, double y) {
              const double dx = x - centre_x;
              const double dy = y - centre_y;
              return opacity * inside(radius * pixels_per_mm_ - std::sqrt(dx * dx + dy * dy));
          });
}

void Canvas::ring(Millimetres centre, double radius, double line_width, int ink) {
    const double reach = radius + line_width;
    const double centre_x = centre.x * pixels_per_mm_;
    const double centre_y = centre.y * pixels_per_mm_;
    const double half_width = line_width * pixels_per_mm_ / 2;
    paint(centre.x - reach, centre.y - reach, centre.x + reach, centre.y + reach, ink,
          [&](double x, double y) {
              const double dx = x - centre_x;
              const double dy = y - centre_y;
              const double off = std::abs(std::sqrt(dx * dx + dy * dy) - radius * pixels_per_mm_);
              // A line thinner than a pixel is paler, not wider.
              return std::min(1.0, 2 * half_width) * inside(std::max(half_width, 0.5) - off);
          });
}

void Canvas::stroke(Millimetres from, Millimetres to, double line_width, int ink, double opacity) {
    const double from_x = from.x * pixels_per_mm_;
    const double from_y = from.y * pixels_per_mm_;
    const double along_x = (to.x - from.x) * pixels_per_mm_;
    const double along_y = (to.y - from.y) * pixels_per_mm_;
    const double length_squared = std::max(1e-9, along_x * along_x + along_y * along_y);
    const double reach = line_width / 2;
    paint(std::min(from.x, to.x) - reach, std::min(from.y, to.y) - reach,
          std::max(from.x, to.x) + reach, std::max(from.y, to.y) + reach, ink,
          [&](double x, double y) {
              const double share = std::clamp(
                  ((x - from_x) * along_x + (y - from_y) * along_y) / length_squared, 0.0, 1.0);
              const double dx = x - from_x - share * along_x;
              const double dy = y - from_y - share * along_y;
              return opacity * inside(reach * pixels_per_mm_ - std::sqrt(dx * dx + dy * dy));
          });
}

void Canvas::text(Millimetres from, double height, std::string_view text, int ink) {
    const double cell = height / kGlyphRows;
    for (const char letter : text) {
        const auto* const glyph = std::ranges::find(kGlyphs, letter, &Glyph::letter);
        for (int y = 0; glyph != kGlyphs.end() && y < kGlyphRows; ++y) {
            for (int x = 0; x < kGlyphColumns; ++x) {
                const unsigned bits = glyph->rows.at(static_cast<std::size_t>(y));
                if ((bits >> static_cast<unsigned>(kGlyphColumns - 1 - x) & 1U) == 0) continue;
                rectangle({.x = from.x + x * cell, .y = from.y + y * cell}, cell, cell, ink);
            }
        }
        from.x += (kGlyphColumns + 1) * cell;
    }
}

}  // namespace sheafline::sheets
