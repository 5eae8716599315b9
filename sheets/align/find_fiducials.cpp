#include "align/find_fiducials.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <tuple>

#include "align/dark_blobs.h"
#include "images/small_image.h"

namespace sheafline::sheets {

namespace {

constexpr double kSmallMarkSide = 8;    // pixels of a mark on the small page
constexpr double kSmallFrameSide = 20;  // the same of an outline, whose lines are thin
constexpr double kDarkShare = 0.7;

struct Spot {
    Point centre{};
    double side = 0;
};

// Where the page fills the image.
double pixelsPerUnit(const GreyImage& page, const Template& sheet) {
    return std::max(page.width, page.height) / std::max(sheet.width, sheet.height);
}

// A square of which a scanner or a copier cut off the outer part: its inner edge is where it should
// be, and its other side tells how large it is.
std::optional<Spot> completed(const DarkBlob& blob, const GreyImage& small) {
    constexpr double kLeastShare = 0.35;
    const double width = blob.box.width;
    const double height = blob.box.height;
    const double shorter = std::min(width, height);
    const double longer = std::max(width, height);
    if (shorter > 0.87 * longer || shorter < kLeastShare * longer || blob.fill() < 0.7)
        return std::nullopt;
    Spot spot{.centre = blob.centre, .side = longer};
    const auto moved = [&](double low, double high, double length) {
        return low + high < length ? high - longer / 2 : low + longer / 2;
    };
    if (width < height)
        spot.centre.x = moved(blob.box.x, blob.box.x + width, small.width);
    else
        spot.centre.y = moved(blob.box.y, blob.box.y + height, small.height);
    return spot;
}

// The outline of a square: its corners are dark, which those of a round bubble are not, and its
// middle is not. A scanner that looks for edges leaves that of a filled one.
bool isFrame(const DarkBlob& blob, const GreyImage& small) {
    const int width = blob.box.width;
    const int height = blob.box.height;
    if (std::min(width, height) < 0.87 * std::max(width, height) || blob.fill() > 0.7) return false;
    const Point middle{.x = blob.box.x + width / 2.0, .y = blob.box.y + height / 2.0};
    if (distance(middle, blob.centre) > 0.1 * width) return false;
    const double paper = small.at(static_cast<int>(middle.x), static_cast<int>(middle.y));
    constexpr int kOfSide = 8;
    const int part = std::max(1, width / kOfSide);
    for (const int x : {blob.box.x, blob.box.x + width - part}) {
        for (const int y : {blob.box.y, blob.box.y + height - part}) {
            int darkest = 255;
            for (int i = 0; i < part * part; ++i)
                darkest = std::min<int>(darkest, small.at(x + i % part, y + i / part));
            if (darkest > 0.8 * paper) return false;
        }
    }
    return true;
}

// In a part of the image with the given top left corner.
std::vector<Spot> findSpots(const GreyImage& page, Point corner, double side, const Template& sheet,
                            FiducialSearch search = FiducialSearch::everywhere) {
    const bool cut_off = search == FiducialSearch::cut_off;
    const bool hollow = search == FiducialSearch::hollow;
    const int factor =
        std::max(1, static_cast<int>(side / (hollow ? kSmallFrameSide : kSmallMarkSide)));
    const GreyImage small = shrink(page, factor);
    const bool round = sheet.align.shape == FiducialShape::circle;
    std::vector<Spot> spots;
    const auto add = [&](Spot spot) {
        spot.side *= factor;
        if (spot.side < 0.3 * side || spot.side > 1.4 * side) return;
        spot.centre = {.x = corner.x + spot.centre.x * factor,
                       .y = corner.y + spot.centre.y * factor};
        spots.push_back(spot);
    };
    for (const DarkBlob& blob :
         findDarkBlobs(small, kDarkShare, static_cast<int>(2 * side / factor))) {
        const double width = blob.box.width;
        const double height = blob.box.height;
        if (cut_off && !round) {
            if (const auto whole = completed(blob, small)) add(*whole);
        }
        if (hollow && !round && isFrame(blob, small))
            add({.centre = {.x = blob.box.x + width / 2, .y = blob.box.y + height / 2},
                 .side = std::max(width, height)});
        if (hollow || width > 1.7 * height || height > 1.7 * width) continue;
        if (blob.fill() < 0.5) continue;
        add({.centre = blob.centre, .side = std::sqrt(blob.area / (round ? 0.785 : 1))});
    }
    return spots;
}

// Turns, scales and moves: what two pairs of points decide.
struct Similarity {
    Point origin{};
    Point image{};
    double cosine = 0;  // times the scale
    double sine = 0;

    Similarity(const PointPair& a, const PointPair& b) : origin(a.from), image(a.to) {
        const double x = b.from.x - a.from.x;
        const double y = b.from.y - a.from.y;
        const double u = b.to.x - a.to.x;
        const double v = b.to.y - a.to.y;
        const double square = x * x + y * y;
        cosine = (x * u + y * v) / square;
        sine = (x * v - y * u) / square;
    }

    Point operator()(Point p) const {
        const double x = p.x - origin.x;
        const double y = p.y - origin.y;
        return {.x = image.x + cosine * x - sine * y, .y = image.y + sine * x + cosine * y};
    }
};

struct Constellation {
    FiducialPlaces places{};
    int found = 0;
    double strain = 0;  // how far the marks lie from a mere turn, in shares of the diagonal
};

class SpotSearch {
 public:
    SpotSearch(std::vector<Spot> spots, const PageAlignment& align)
        : spots_(std::move(spots)), align_(align) {}

    // Every ordered pair of spots is tried as each diagonal. Those with all marks come first, of
    // these the least strained.
    std::vector<Constellation> run() const {
        std::vector<Constellation> all;
        for (std::size_t diagonal = 0; diagonal < 2; ++diagonal) {
            for (const Spot& a : spots_) {
                for (const Spot& b : spots_) {
                    if (&a != &b) tryPair(diagonal, a, b, all);
                }
            }
        }
        std::ranges::sort(all, [](const Constellation& a, const Constellation& b) {
            return std::tuple(-a.found, a.strain) < std::tuple(-b.found, b.strain);
        });
        return all;
    }

 private:
    bool sizeFits(const Spot& spot, double scale) const {
        const double ratio = spot.side / (align_.side * scale);
        return ratio > 0.75 && ratio < 1.3;
    }

    void tryPair(std::size_t diagonal, const Spot& a, const Spot& b,
                 std::vector<Constellation>& all) const {
        const double scale = distance(a.centre, b.centre) /
                             distance(align_.centres[diagonal], align_.centres[diagonal + 2]);
        if (!sizeFits(a, scale) || !sizeFits(b, scale)) return;
        const Similarity map({align_.centres[diagonal], a.centre},
                             {align_.centres[diagonal + 2], b.centre});
        const double length = distance(a.centre, b.centre);
        Constellation found{.found = 2};
        found.places.at(diagonal) = a.centre;
        found.places.at(diagonal + 2) = b.centre;
        for (const std::size_t other : {1 - diagonal, 3 - diagonal}) {
            const Point expected = map(align_.centres[other]);
            const Spot* nearest = nullptr;
            double least = 0.09 * length;
            for (const Spot& spot : spots_) {
                const double off = distance(spot.centre, expected);
                if (off >= least || !sizeFits(spot, scale)) continue;
                least = off;
                nearest = &spot;
            }
            if (nearest == nullptr) continue;
            found.places.at(other) = nearest->centre;
            found.strain += least / length;
            ++found.found;
        }
        if (found.found >= 3) all.push_back(found);
    }

    const std::vector<Spot> spots_;
    const PageAlignment& align_;
};

// How far into the page the marks reach from its corners, in either direction, for it may lie.
double depthOf(const Template& sheet) {
    double depth = 0;
    for (const Point centre : sheet.align.centres) {
        depth = std::max({depth, std::min(centre.x, sheet.width - centre.x),
                          std::min(centre.y, sheet.height - centre.y)});
    }
    return depth + sheet.align.side / 2;
}

// Spots of the size in a scan, in which the page fills the image.
std::vector<Spot> spotsInCorners(const GreyImage& page, const Template& sheet, double side) {
    constexpr double kShift = 3;        // sides of a mark: turned and shifted by so much in all
    constexpr double kMostShare = 0.3;  // of the image's side: larger corners are no corners
    const double scale = pixelsPerUnit(page, sheet);
    const int reach = static_cast<int>((depthOf(sheet) + kShift * sheet.align.side) * scale);
    if (reach > kMostShare * std::min(page.width, page.height)) return {};
    std::vector<Spot> spots;
    for (const int x : {0, page.width - reach}) {
        for (const int y : {0, page.height - reach}) {
            const auto found =
                findSpots(crop(page, {x, y, reach, reach}),
                          {.x = static_cast<double>(x), .y = static_cast<double>(y)}, side, sheet);
            spots.insert(spots.end(), found.begin(), found.end());
        }
    }
    return spots;
}

std::vector<FiducialPlaces> placesOf(const std::vector<Constellation>& found) {
    std::vector<FiducialPlaces> places;
    for (const auto& constellation : found) {
        // Both diagonals find the same one.
        if (std::ranges::find(places, constellation.places) == places.end())
            places.push_back(constellation.places);
        if (places.size() == 8) break;
    }
    return places;
}

double greyAt(const GreyImage& page, double x, double y) {
    return page.at(static_cast<int>(x), static_cast<int>(y));
}

// The median of the pixels along the border of a box: the paper around a mark.
double paperAround(const GreyImage& page, const PixelBox& box) {
    std::vector<std::uint8_t> border;
    for (int x = box.x; x < box.x + box.width; ++x) {
        border.push_back(page.at(x, box.y));
        border.push_back(page.at(x, box.y + box.height - 1));
    }
    for (int y = box.y; y < box.y + box.height; ++y) {
        border.push_back(page.at(box.x, y));
        border.push_back(page.at(box.x + box.width - 1, y));
    }
    const auto middle = border.begin() + static_cast<std::ptrdiff_t>(border.size() / 2);
    std::ranges::nth_element(border, middle);
    return *middle;
}

}  // namespace

std::vector<FiducialPlaces> findFiducials(const GreyImage& page, const Template& sheet,
                                          FiducialSearch search) {
    const double side = sheet.align.side * pixelsPerUnit(page, sheet);
    const auto isScanned = [side](const Spot& spot) {
        return spot.side > 0.8 * side && spot.side < 1.15 * side;
    };
    if (search == FiducialSearch::corners) {
        std::vector<Spot> spots = spotsInCorners(page, sheet, side);
        std::erase_if(spots, [&](const Spot& spot) { return !isScanned(spot); });
        auto found = SpotSearch(std::move(spots), sheet.align).run();
        std::erase_if(found, [](const Constellation& some) { return some.found < 4; });
        return placesOf(found);
    }
    // The page may fill the image, or less of it on a photograph.
    std::vector<Spot> spots = findSpots(page, {}, side, sheet, search);
    // Marks are few and large, so on a page full of spots only the largest are used.
    constexpr std::size_t kMostSpots = 300;
    std::ranges::sort(spots, std::ranges::greater{}, &Spot::side);
    if (spots.size() > kMostSpots) spots.resize(kMostSpots);
    std::vector<Spot> scanned;
    std::ranges::copy_if(spots, std::back_inserter(scanned), isScanned);
    auto found = SpotSearch(std::move(scanned), sheet.align).run();
    if (found.empty() || found.front().found < 4) {
        // On a page that is full of marks, filled bubbles can fit as well: the others stay first.
        const auto more = SpotSearch(std::move(spots), sheet.align).run();
        found.insert(found.end(), more.begin(), more.end());
    }
    return placesOf(found);
}

std::optional<Point> refineFiducial(const GreyImage& page, Point place, double side,
                                    FiducialShape shape) {
    constexpr double kStill = 0.02;  // pixels: more rounds would not move it
    const double full_area = shape == FiducialShape::circle ? 0.785 * side * side : side * side;
    const int half = static_cast<int>(0.8 * side) + 2;
    double area = 0;
    for (int round = 0; round < 3; ++round) {
        const PixelBox box{static_cast<int>(place.x) - half, static_cast<int>(place.y) - half,
                           2 * half + 1, 2 * half + 1};
        if (cutToPage(box, page.width, page.height) != box) return std::nullopt;
        const double paper = paperAround(page, box);
        const double ink = greyAt(page, place.x, place.y);
        if (ink > 0.75 * paper) return std::nullopt;
        // Whole numbers, which add up without waiting for each other.
        constexpr double kWhole = 1024;
        std::array<std::uint32_t, 256> weights{};
        for (std::size_t grey = 0; grey < weights.size(); ++grey) {
            const double share = (paper - static_cast<double>(grey)) / (paper - ink);
            weights.at(grey) =
                share < 0.25 ? 0 : static_cast<std::uint32_t>(std::min(share, 1.0) * kWhole);
        }
        double sum_x = 0;
        double sum_y = 0;
        area = 0;
        for (int y = 0; y < box.height; ++y) {
            const auto* row = &page.row(box.y + y)[static_cast<std::size_t>(box.x)];
            std::uint64_t row_area = 0;
            std::uint64_t row_x = 0;
            for (std::size_t x = 0; x < static_cast<std::size_t>(box.width); ++x) {
                row_area += weights[row[x]];
                row_x += weights[row[x]] * x;
            }
            area += static_cast<double>(row_area) / kWhole;
            sum_x += static_cast<double>(row_x) / kWhole;
            sum_y += static_cast<double>(row_area) / kWhole * y;
        }
        if (area <= 0) return std::nullopt;
        const Point before = place;
        place = {.x = box.x + 0.5 + sum_x / area, .y = box.y + 0.5 + sum_y / area};
        if (distance(before, place) < kStill) break;
    }
    if (area < 0.75 * full_area || area > 1.3 * full_area) return std::nullopt;
    return place;
}

}  // namespace sheafline::sheets
