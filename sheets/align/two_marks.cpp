#include "align/two_marks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

#include "align/dark_blobs.h"
#include "images/small_image.h"

namespace sheafline::sheets {

namespace {

// Marks of the right size, each to a fraction of a pixel.
std::vector<Point> marksOn(const GreyImage& page, const Template& sheet, double side) {
    constexpr double kSmallMark = 8;  // pixels of a mark on the small page
    constexpr double kDarkShare = 0.7;
    constexpr std::size_t kMostMarks = 40;
    const int factor = std::max(1, static_cast<int>(side / kSmallMark));
    const GreyImage small = shrink(page, factor);
    std::vector<Point> marks;
    for (const DarkBlob& blob :
         findDarkBlobs(small, kDarkShare, static_cast<int>(2 * side / factor))) {
        const double longer = std::max(blob.box.width, blob.box.height) * factor;
        const double shorter = std::min(blob.box.width, blob.box.height) * factor;
        if (shorter < 0.6 * side || longer > 1.4 * side) continue;
        const Point centre{.x = blob.centre.x * factor, .y = blob.centre.y * factor};
        if (const auto mark = refineFiducial(page, centre, side, sheet.align.shape))
            marks.push_back(*mark);
        if (marks.size() == kMostMarks) break;
    }
    return marks;
}

// The turn and scale that two pairs of points decide, applied to a third one.
Point placed(const Point& at, const PointPair& a, const PointPair& b) {
    const Point page{.x = b.from.x - a.from.x, .y = b.from.y - a.from.y};
    const Point image{.x = b.to.x - a.to.x, .y = b.to.y - a.to.y};
    const double square = page.x * page.x + page.y * page.y;
    const double cosine = (page.x * image.x + page.y * image.y) / square;
    const double sine = (page.x * image.y - page.y * image.x) / square;
    const Point off{.x = at.x - a.from.x, .y = at.y - a.from.y};
    return {.x = a.to.x + cosine * off.x - sine * off.y,
            .y = a.to.y + sine * off.x + cosine * off.y};
}

// How far the image of a side of the page is from a turn by quarters, in degrees.
double slantOf(const Point& page, const Point& image) {
    const double turn = std::atan2(image.y, image.x) - std::atan2(page.y, page.x);
    const double quarters = turn / 1.5707963267948966;
    return 90 * std::abs(quarters - std::round(quarters));
}

}  // namespace

std::vector<FiducialPlaces> placesByTwoMarks(const GreyImage& page, const Template& sheet) {
    constexpr double kMostStrain = 0.05;  // of the length of the side
    constexpr double kMostSlant = 6;      // degrees
    constexpr std::size_t kMost = 24;
    const std::vector<Point>& centres = sheet.align.centres;
    const double longer = std::max(sheet.width, sheet.height);
    const double shorter = std::min(sheet.width, sheet.height);
    const double whole = std::max(page.width, page.height) / longer;
    std::vector<std::pair<double, FiducialPlaces>> found;
    // Half a page fills the image with its shorter side.
    for (const double pixels : {whole, whole * longer / shorter}) {
        const std::vector<Point> marks = marksOn(page, sheet, sheet.align.side * pixels);
        for (std::size_t i = 0; i < centres.size(); ++i) {
            const std::size_t next = (i + 1) % centres.size();
            for (const Point a : marks) {
                for (const Point b : marks) {
                    const double strain = std::abs(
                        distance(a, b) / (pixels * distance(centres[i], centres[next])) - 1);
                    if (strain > kMostStrain ||
                        slantOf({.x = centres[next].x - centres[i].x,
                                 .y = centres[next].y - centres[i].y},
                                {.x = b.x - a.x, .y = b.y - a.y}) > kMostSlant)
                        continue;
                    FiducialPlaces places;
                    for (std::size_t k = 0; k < centres.size(); ++k)
                        places.at(k) = placed(centres[k], {centres[i], a}, {centres[next], b});
                    found.emplace_back(strain, places);
                }
            }
        }
    }
    std::ranges::sort(found, {}, [](const auto& each) { return each.first; });
    if (found.size() > kMost) found.resize(kMost);
    std::vector<FiducialPlaces> places;
    places.reserve(found.size());
    for (const auto& [strain, each] : found) places.push_back(each);
    return places;
}

}  // namespace sheafline::sheets
