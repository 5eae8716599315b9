#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include <sheafline/sheets/blank_page.h>

#include "align/dark_blobs.h"
#include "blank/page_stains.h"
#include "images/filters.h"
#include "images/small_image.h"

namespace sheafline::sheets {

namespace {

constexpr int kWantedSide = 1400;          // pixels of the longer side: about 120 dpi of A4
constexpr double kLongSide = 297;          // millimeters: of A4
constexpr double kLeastPaper = 90;         // grey level: darker paper hides what is written
constexpr double kTrace = 0.05;            // darkness of what is looked at
constexpr double kInk = 0.12;              // darker is ink, whatever its edges look like
constexpr double kPale = 0.065;            // paler is too faint for a pencil, except for noise
constexpr double kMostPaperNoise = 0.012;  // of the smoothed page
constexpr double kPaperReach = 8;          // millimeters

double levelAt(const GreyImage& page, double share) {
    std::array<std::size_t, 256> counts{};
    for (const std::uint8_t pixel : page.pixels) ++counts.at(pixel);
    auto rest = static_cast<double>(page.pixels.size()) * share;
    for (std::size_t level = 0; level < counts.size(); ++level) {
        rest -= static_cast<double>(counts.at(level));
        if (rest <= 0) return static_cast<double>(level);
    }
    return 255;
}

// Without the dark ground beside the paper, as far as its edge is straight.
PixelBox paperBox(const GreyImage& page, double paper) {
    constexpr double kGround = 0.75;
    constexpr int kMostShare = 4;  // a quarter of each side
    const auto isGround = [&](int line, bool row) {
        const int length = row ? page.width : page.height;
        int dark = 0;
        for (int i = 0; i < length; ++i)
            dark += (row ? page.at(i, line) : page.at(line, i)) < kGround * paper ? 1 : 0;
        return 2 * dark > length;
    };
    PixelBox box{.width = page.width, .height = page.height};
    const auto trim = [&](bool row, int& start, int& length) {
        const int most = length / kMostShare;
        int first = 0;
        while (first < most && isGround(first, row)) ++first;
        int end = length;
        while (length - end < most && isGround(end - 1, row)) --end;
        start = first;
        length = end - first;
    };
    trim(true, box.y, box.height);
    trim(false, box.x, box.width);
    return box;
}

// The noise of paper: half of the differences of neighbors are smaller than two thirds of their
// deviation.
double noiseOf(const GreyImage& page, double paper) {
    std::array<std::size_t, 256> counts{};
    std::size_t total = 0;
    constexpr int kApart = 4;  // smoothing made nearer ones alike
    for (int y = 0; y < page.height; y += 3) {
        const auto row = page.row(y);
        for (std::size_t x = kApart; x < row.size(); x += 3) {
            ++counts.at(static_cast<std::size_t>(std::abs(row[x] - row[x - kApart])));
            ++total;
        }
    }
    double rest = static_cast<double>(total) * 0.75;
    std::size_t level = 0;
    while (level < 255 && (rest -= static_cast<double>(counts.at(level))) > 0) ++level;
    constexpr double kQuartile = 1.15;  // of a normal distribution, 75 % of absolute values
    return static_cast<double>(level) / (kQuartile * std::sqrt(2.0) * paper);
}

// How much darker than the paper around it.
double darkestOf(const GreyImage& page, const PixelBox& spot, double unit) {
    constexpr double kAround = 3;  // millimeters
    const int room = static_cast<int>(kAround * unit);
    const GreyImage part =
        crop(page, {spot.x - room, spot.y - room, spot.width + 2 * room, spot.height + 2 * room});
    const std::vector<std::uint8_t> pixels = crop(page, spot).pixels;
    const double darkest = *std::ranges::min_element(pixels);
    return 1 - darkest / std::max(1.0, levelAt(part, 0.75));
}

// Mean squares of differences over one and three pixels.
struct Steps {
    double one = 0;
    double three = 0;
    std::size_t count = 0;

    void add(const GreyImage& page, const PixelBox& box) {
        const int right = std::min(page.width - 3, box.x + box.width);
        for (int y = std::max(0, box.y); y < std::min(page.height, box.y + box.height); ++y) {
            for (int x = std::max(0, box.x); x < right; ++x) {
                const double here = page.at(x, y);
                one += std::pow(page.at(x + 1, y) - here, 2);
                three += std::pow(page.at(x + 3, y) - here, 2);
                ++count;
            }
        }
    }
};

// Of paper without spots, in tiles all over the page.
Steps stepsOfPaper(const GreyImage& page, const std::vector<PixelBox>& spots) {
    constexpr int kTile = 16;
    constexpr int kApart = 3;  // every third tile of every third row of tiles says enough
    const auto columns = static_cast<std::size_t>(page.width) / kTile + 1;
    const auto rows = static_cast<std::size_t>(page.height) / kTile + 1;
    std::vector<bool> taken(columns * rows);
    const auto tileAt = [&](int x, int y) {
        return static_cast<std::size_t>(y / kTile) * columns + static_cast<std::size_t>(x / kTile);
    };
    for (const PixelBox& spot : spots) {
        for (int y = spot.y; y < spot.y + spot.height + kTile; y += kTile)
            for (int x = spot.x; x < spot.x + spot.width + kTile; x += kTile)
                taken[tileAt(std::min(x, page.width), std::min(y, page.height))] = true;
    }
    Steps steps;
    for (int y = 0; y + kTile <= page.height; y += kApart * kTile) {
        for (int x = 0; x + kTile <= page.width; x += kApart * kTile) {
            if (!taken[tileAt(x, y)]) steps.add(page, {x, y, kTile, kTile});
        }
    }
    return steps;
}

// Whether pale spots have the soft edges of what shines through paper, or of a fold; what was
// written has steep ones. The ratio of the differences is 1/9 on a slope and 1/3 at a step. A few
// small spots say too little.
bool areSoft(const GreyImage& page, const std::vector<PixelBox>& spots) {
    constexpr double kSoft = 0.2;
    constexpr std::size_t kFewestPoints = 300;
    Steps steps;
    for (const PixelBox& spot : spots) steps.add(page, spot);
    const Steps paper = stepsOfPaper(page, spots);
    if (steps.count < kFewestPoints || paper.count < kFewestPoints) return false;
    const double one =
        steps.one / static_cast<double>(steps.count) - paper.one / static_cast<double>(paper.count);
    const double three = steps.three / static_cast<double>(steps.count) -
                         paper.three / static_cast<double>(paper.count);
    return three > 0 && one < kSoft * three;
}

}  // namespace

bool isBlankPage(const GreyImage& image) {
    constexpr int kLeastSide = 200;
    if (std::min(image.width, image.height) < kLeastSide) return false;
    const int factor =
        std::max(1, (std::max(image.width, image.height) + kWantedSide / 2) / kWantedSide);
    GreyImage page = shrink(image, factor);
    const double paper = levelAt(page, 0.6);
    if (paper < kLeastPaper) return false;
    const double unit = std::max(page.width, page.height) / kLongSide;
    page = crop(page, paperBox(page, paper));
    GreyImage smooth = smoothed(page, 1);
    double noise = noiseOf(smooth, paper);
    if (noise > kMostPaperNoise) {
        smooth = smoothed(page, 2);
        noise = noiseOf(smooth, paper);
    }
    if (noise > kMostPaperNoise) return false;

    std::vector<PixelBox> pale;
    double darkest = 0;
    const PageStains stains(smooth, unit, paper);
    for (const DarkBlob& spot : stains.withoutStains(
             findDarkBlobs(smooth, 1 - kTrace, static_cast<int>(kPaperReach * unit)))) {
        darkest = std::max(darkest, darkestOf(smooth, spot.box, unit));
        if (darkest >= kInk) return false;
        pale.push_back(spot.box);
    }
    return darkest < kPale + 2 * noise || areSoft(page, pale);
}

}  // namespace sheafline::sheets
