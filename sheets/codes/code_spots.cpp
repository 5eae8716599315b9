#include "codes/code_spots.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>

#include "images/filters.h"

namespace sheafline::sheets {

namespace {

constexpr double kMostShare = 0.25;  // of the page, above which all of it is read
constexpr int kLeastSide = 48;       // pixels of a reduced page that is worth judging
constexpr int kBlock = 8;            // pixels of the reduced page
constexpr int kWindow = 2;           // blocks: within the smallest code, of 26 pixels

// What a window of a code has. Its modules are 1.5 to 3.5 pixels wide at one of the reductions.
constexpr int kRange = 20;               // levels of grey; below 24 ZXing sees a single color
constexpr int kMostNoise = 100;          // levels: noise of paper that hides no code
constexpr double kLeastContrast = 0.35;  // of the strongest print of the page
constexpr double kLeastDark = 0.35;      // share of darkness
constexpr double kMostDark = 0.8;        // an inverted code is darker
constexpr double kLeastChange = 0.15;    // mean difference of neighbors, as a share of the range
constexpr double kBlurredChange = 0.12;  // the same where contrast is high, as in a blurred code

struct BlockSum {
    int darkest = 255;
    int lightest = 0;
    int sum = 0;
    int across = 0;  // differences of neighbors along rows
    int down = 0;    // and along columns

    void add(const BlockSum& other) {
        darkest = std::min(darkest, other.darkest);
        lightest = std::max(lightest, other.lightest);
        sum += other.sum;
        across += other.across;
        down += other.down;
    }
};

struct BlockGrid {
    int width = 0;
    int height = 0;
    std::vector<BlockSum> blocks{};

    std::size_t at(int x, int y) const {
        return static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
               static_cast<std::size_t>(x);
    }
};

// Sums of a block, column by column. The next pixel of the row and the row below exist. Plain loops
// of a fixed length, which compilers turn into vector instructions.
struct ColumnSums {
    std::array<std::uint8_t, kBlock> darkest;
    std::array<std::uint8_t, kBlock> lightest{};
    std::array<std::uint16_t, kBlock> sum{};
    std::array<std::uint16_t, kBlock> across{};
    std::array<std::uint16_t, kBlock> down{};

    ColumnSums() { darkest.fill(255); }

    void add(const std::uint8_t* row, const std::uint8_t* next) {
        const auto difference = [](std::uint8_t one, std::uint8_t other) {
            return static_cast<std::uint8_t>(std::max(one, other) - std::min(one, other));
        };
        for (std::size_t i = 0; i < kBlock; ++i) {
            darkest[i] = std::min(darkest[i], row[i]);
            lightest[i] = std::max(lightest[i], row[i]);
            sum[i] = static_cast<std::uint16_t>(sum[i] + row[i]);
            across[i] = static_cast<std::uint16_t>(across[i] + difference(row[i], row[i + 1]));
            down[i] = static_cast<std::uint16_t>(down[i] + difference(row[i], next[i]));
        }
    }

    BlockSum total() const {
        return {.darkest = *std::ranges::min_element(darkest),
                .lightest = *std::ranges::max_element(lightest),
                .sum = std::accumulate(sum.begin(), sum.end(), 0),
                .across = std::accumulate(across.begin(), across.end(), 0),
                .down = std::accumulate(down.begin(), down.end(), 0)};
    }
};

BlockGrid blocksOf(const GreyImage& image) {
    // Without the last row and column, whose pixels lack a neighbor.
    BlockGrid grid{.width = (image.width - 1) / kBlock, .height = (image.height - 1) / kBlock};
    grid.blocks.resize(grid.at(0, grid.height));
    for (int y = 0; y < grid.height; ++y) {
        for (int x = 0; x < grid.width; ++x) {
            ColumnSums columns;
            for (int i = 0; i < kBlock; ++i) {
                const auto left = static_cast<std::size_t>(x) * kBlock;
                columns.add(image.row(y * kBlock + i).data() + left,
                            image.row(y * kBlock + i + 1).data() + left);
            }
            grid.blocks[grid.at(x, y)] = columns.total();
        }
    }
    return grid;
}

BlockSum windowAt(const BlockGrid& grid, int x, int y) {
    BlockSum window = grid.blocks[grid.at(x, y)];
    window.add(grid.blocks[grid.at(x + 1, y)]);
    window.add(grid.blocks[grid.at(x, y + 1)]);
    window.add(grid.blocks[grid.at(x + 1, y + 1)]);
    return window;
}

bool looksLikeCode(const BlockSum& window, int least_range) {
    constexpr double kPixels = kWindow * kWindow * kBlock * kBlock;
    const int range = window.lightest - window.darkest;
    if (range <= least_range) return false;
    const double dark = window.lightest - window.sum / kPixels;
    const bool strong = range > 2 * least_range;
    const double change = (strong ? kBlurredChange : kLeastChange) * range * kPixels;
    return dark >= kLeastDark * range && dark <= kMostDark * range && window.across >= change &&
           window.down >= change;
}

// Above what the noise of empty paper has, as the calmest tenth of the page shows it, and not far
// below the contrast of its print.
int leastRange(const std::vector<BlockSum>& windows) {
    std::vector<int> ranges;
    ranges.reserve(windows.size());
    for (const BlockSum& window : windows) ranges.push_back(window.lightest - window.darkest);
    const auto quantile = [&](double share) {
        const auto place = ranges.begin() + static_cast<std::ptrdiff_t>(
                                                share * static_cast<double>(ranges.size() - 1));
        std::nth_element(ranges.begin(), place, ranges.end());
        return *place;
    };
    const int noise = std::min(3 * quantile(0.1), kMostNoise);
    const int print = static_cast<int>(kLeastContrast * quantile(0.99));
    return std::max({kRange, noise, print});
}

// For each block whether it is in a window that looks like a code.
std::vector<bool> codeBlocks(const BlockGrid& grid) {
    std::vector<bool> found(grid.blocks.size());
    std::vector<BlockSum> windows;
    for (int y = 0; y + kWindow <= grid.height; ++y)
        for (int x = 0; x + kWindow <= grid.width; ++x) windows.push_back(windowAt(grid, x, y));
    const int least_range = leastRange(windows);
    auto window = windows.begin();
    for (int y = 0; y + kWindow <= grid.height; ++y) {
        for (int x = 0; x + kWindow <= grid.width; ++x) {
            if (!looksLikeCode(*window++, least_range)) continue;
            for (const int i : {0, 1, 2, 3}) found[grid.at(x + i % 2, y + i / 2)] = true;
        }
    }
    return found;
}

// Takes away the blocks that are connected to (x, y), and returns the box around them, in blocks.
PixelBox takeComponent(std::vector<bool>& blocks, const BlockGrid& grid, int x, int y) {
    int right = x;
    int bottom = y;
    int left = x;
    int top = y;
    std::vector<std::pair<int, int>> open{{x, y}};
    blocks[grid.at(x, y)] = false;
    while (!open.empty()) {
        const auto [here_x, here_y] = open.back();
        open.pop_back();
        left = std::min(left, here_x);
        right = std::max(right, here_x);
        top = std::min(top, here_y);
        bottom = std::max(bottom, here_y);
        for (int next_y = std::max(0, here_y - 1); next_y <= std::min(grid.height - 1, here_y + 1);
             ++next_y) {
            for (int next_x = std::max(0, here_x - 1);
                 next_x <= std::min(grid.width - 1, here_x + 1); ++next_x) {
                if (!blocks[grid.at(next_x, next_y)]) continue;
                blocks[grid.at(next_x, next_y)] = false;
                open.emplace_back(next_x, next_y);
            }
        }
    }
    return {.x = left, .y = top, .width = right - left + 1, .height = bottom - top + 1};
}

// With room: the outer modules of a code may not look like one.
PixelBox withRoom(const PixelBox& blocks, int scale) {
    const int room = std::max(blocks.width, blocks.height) / 4 + 3;
    return {.x = (blocks.x - room) * scale,
            .y = (blocks.y - room) * scale,
            .width = (blocks.width + 2 * room) * scale,
            .height = (blocks.height + 2 * room) * scale};
}

void addSpots(const GreyImage& reduced_page, int scale, std::vector<PixelBox>& spots) {
    const BlockGrid grid = blocksOf(reduced_page);
    std::vector<bool> blocks = codeBlocks(grid);
    for (int y = 0; y < grid.height; ++y) {
        for (int x = 0; x < grid.width; ++x) {
            if (!blocks[grid.at(x, y)]) continue;
            const PixelBox box = takeComponent(blocks, grid, x, y);
            // A single window is a blot.
            if (box.width > kWindow || box.height > kWindow)
                spots.push_back(withRoom(box, scale * kBlock));
        }
    }
}

bool overlap(const PixelBox& one, const PixelBox& other) {
    return one.x < other.x + other.width && other.x < one.x + one.width &&
           one.y < other.y + other.height && other.y < one.y + one.height;
}

PixelBox around(const PixelBox& one, const PixelBox& other) {
    const int x = std::min(one.x, other.x);
    const int y = std::min(one.y, other.y);
    return {.x = x,
            .y = y,
            .width = std::max(one.x + one.width, other.x + other.width) - x,
            .height = std::max(one.y + one.height, other.y + other.height) - y};
}

std::vector<PixelBox> merged(std::span<const PixelBox> spots) {
    std::vector<PixelBox> result;
    for (PixelBox spot : spots) {
        for (auto other = result.begin(); other != result.end();) {
            if (!overlap(spot, *other)) {
                ++other;
                continue;
            }
            spot = around(spot, *other);
            result.erase(other);
            other = result.begin();  // the larger box may overlap earlier ones
        }
        result.push_back(spot);
    }
    return result;
}

}  // namespace

std::vector<PixelBox> codeSpots(const GreyImage& page) {
    const PixelBox whole{.width = page.width, .height = page.height};
    GreyImage image = reduced(page, 2);
    if (std::min(image.width, image.height) < kLeastSide) return {whole};
    std::vector<PixelBox> spots;
    for (int scale = 2; std::min(image.width, image.height) >= kLeastSide; scale *= 2) {
        addSpots(image, scale, spots);
        image = reduced(image, 2);
    }
    for (PixelBox& spot : spots) spot = cutToPage(spot, page.width, page.height);
    spots = merged(spots);
    double area = 0;
    for (const PixelBox& spot : spots) area += static_cast<double>(spot.width) * spot.height;
    if (area > kMostShare * static_cast<double>(page.pixels.size())) return {whole};
    return spots;
}

}  // namespace sheafline::sheets
