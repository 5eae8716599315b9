// All methods of finding a page, on pages that the test draws.
#include <algorithm>
#include <cmath>
#include <string>

#include <catch2/catch.hpp>

#include <sheafline/sheets/align_sheet.h>
#include <sheafline/sheets/encode_image.h>
#include <sheafline/sheets/load_template.h>
#include <sheafline/sheets/read_sheet.h>

#include "geometry/warp.h"
#include "temporary_folder.h"

using namespace sheafline::sheets;

namespace {

constexpr double kScale = 6;  // pixels a millimetre

const std::string kFields = R"(
sheet: drawn
page: {width: 150, height: 200}
bubble: {radius: 2.5}
fields:
  - {name: q, count: 12, values: ABCD, origin: [40, 60], step: [0, 9], value_step: [9, 0]}
)";

template <typename Inside>
void paint(GreyImage& page, int ink, Inside inside) {
    for (int y = 0; y < page.height; ++y) {
        for (int x = 0; x < page.width; ++x) {
            if (inside(Point{(x + 0.5) / kScale, (y + 0.5) / kScale}))
                page.row(y)[static_cast<std::size_t>(x)] = static_cast<std::uint8_t>(ink);
        }
    }
}

bool inBox(Point p, double left, double top, double right, double bottom) {
    return p.x >= left && p.x < right && p.y >= top && p.y < bottom;
}

GreyImage drawPage(const Template& sheet) {
    GreyImage page = blankImage(900, 1200, kScale * 25.4);
    paint(page, 235, [](Point) { return true; });
    for (std::size_t f = 0; f < sheet.fields.size(); ++f) {
        for (std::size_t b = 0; b < 4; ++b) {
            const Point centre = sheet.fields[f].bubbles[b].centre;
            const bool marked = b == f % 4;
            paint(page, 60, [&](Point p) {
                const double reach = distance(p, centre);
                return marked ? reach < 2.3 : std::abs(reach - 2.5) < 0.15;
            });
            if (marked)
                paint(page, 90,
                      [&](Point p) { return std::abs(distance(p, centre) - 2.5) < 0.15; });
        }
    }
    return page;
}

std::string answersOf(const GreyImage& image, const Template& sheet) {
    const auto reading = readSheet(image, sheet);
    std::string answers;
    for (const auto& column : reading.columns)
        answers += column.value + (column.flag == FieldFlag::ok ? "" : "?");
    return answers;
}

// The page at an angle, on a background, smaller than the image.
GreyImage photograph(const GreyImage& page, int ground) {
    const std::array<PointPair, 4> corners{{{{0, 0}, {150, 130}},
                                            {{900, 0}, {980, 90}},
                                            {{900, 1200}, {1010, 1240}},
                                            {{0, 1200}, {120, 1200}}}};
    std::array<PointPair, 4> back{};
    for (std::size_t i = 0; i < 4; ++i) back.at(i) = {corners.at(i).to, corners.at(i).from};
    const Homography to_page = *Homography::fit(back);
    GreyImage image = warp(page, to_page, 1150, 1400);
    for (int y = 0; y < image.height; ++y) {
        for (int x = 0; x < image.width; ++x) {
            const Point p = to_page({x + 0.5, y + 0.5});
            if (p.x < 0 || p.y < 0 || p.x >= 900 || p.y >= 1200)
                image.row(y)[static_cast<std::size_t>(x)] = static_cast<std::uint8_t>(ground);
        }
    }
    return image;
}

const char* const kAnswers = "ABCDABCDABCD";

}  // namespace

TEST_CASE("round fiducials are found on a scan and on a photograph") {
    const Template sheet = parseTemplate(kFields +
                                             "align: {fiducials: {shape: circle, side: 7, centres: "
                                             "[[15, 15], [135, 15], [135, 185], "
                                             "[15, 185]]}}\n",
                                         "t.yaml");
    GreyImage page = drawPage(sheet);
    for (const Point centre : sheet.align.centres)
        paint(page, 20, [&](Point p) { return distance(p, centre) < 3.5; });
    CHECK(answersOf(page, sheet) == kAnswers);
    CHECK(answersOf(photograph(page, 60), sheet) == kAnswers);
    CHECK(answersOf(turned(page, 2), sheet) == kAnswers);
    CHECK(answersOf(turned(page, 1), sheet) == kAnswers);
}

TEST_CASE("corner lines are found in every orientation") {
    const Template sheet = parseTemplate(
        kFields +
            "align: {fiducials: {shape: corner, side: 12, line: 1.5, centres: [[12, 12], "
            "[138, 12], [138, 188], [12, 188]]}}\n",
        "t.yaml");
    GreyImage page = drawPage(sheet);
    for (const Point at : sheet.align.centres) {
        const double x = at.x < 75 ? 0 : -12;
        const double y = at.y < 100 ? 0 : -12;
        paint(page, 20, [&](Point p) {
            return inBox(p, at.x + x - 0.75, at.y - 0.75, at.x + x + 12.75, at.y + 0.75) ||
                   inBox(p, at.x - 0.75, at.y + y - 0.75, at.x + 0.75, at.y + y + 12.75);
        });
    }
    for (const int turns : {0, 1, 2, 3}) CHECK(answersOf(turned(page, turns), sheet) == kAnswers);
}

TEST_CASE("copies of a picture are found in every orientation") {
    // A ring around a dot.
    GreyImage picture = blankImage(60, 60);
    const auto isInk = [](Point p) {
        const double reach = std::hypot(p.x - 30, p.y - 30);
        return reach < 9 || (reach > 17 && reach < 27);
    };
    for (int y = 0; y < 60; ++y) {
        for (int x = 0; x < 60; ++x) {
            if (isInk({x + 0.5, y + 0.5})) picture.row(y)[static_cast<std::size_t>(x)] = 30;
        }
    }
    const sheafline::TemporaryFolder folder;
    const auto jpeg = encodeJpeg(picture, 90);
    folder.write("mark.jpg", {reinterpret_cast<const char*>(jpeg.data()), jpeg.size()});
    const Template sheet = parseTemplate(
        kFields +
            "align: {image: {file: mark.jpg, width: 8, centres: [[15, 15], [135, 15], "
            "[135, 185], [15, 185]]}}\n",
        folder / "t.yaml");
    GreyImage page = drawPage(sheet);
    for (const Point at : sheet.align.centres) {
        paint(page, 30, [&](Point p) {
            return inBox(p, at.x - 4, at.y - 4, at.x + 4, at.y + 4) &&
                   isInk({(p.x - at.x + 4) * 7.5, (p.y - at.y + 4) * 7.5});
        });
    }
    for (const int turns : {0, 1, 2, 3}) CHECK(answersOf(turned(page, turns), sheet) == kAnswers);
    paint(page, 235, [](Point p) { return inBox(p, 9, 179, 21, 191); });
    CHECK_THROWS_AS(readSheet(page, sheet), UnreadableSheet);
}

TEST_CASE("the outline of the paper suffices, and so does an image that is exactly the page") {
    const Template outline = parseTemplate(kFields + "align: {page: outline}\n", "t.yaml");
    const GreyImage page = drawPage(outline);
    const GreyImage photo = photograph(page, 60);
    for (const int turns : {0, 1, 2, 3})
        CHECK(answersOf(turned(photo, turns), outline) == kAnswers);
    const Template whole = parseTemplate(kFields, "t.yaml");
    CHECK(answersOf(page, whole) == kAnswers);
    CHECK(answersOf(turned(page, 2), whole) == kAnswers);
    CHECK_THROWS_AS(readSheet(photo, whole), UnreadableSheet);
    CHECK_THROWS_AS(readSheet(blankImage(900, 1200), outline), UnreadableSheet);
}

namespace {

const std::string kCornerSquares =
    "align: {fiducials: {shape: square, side: 6, centres: [[12, 12], [138, 12], [138, 188], [12, "
    "188]]}, orientation: {centre: [22, 12], side: 3}}\n";

GreyImage drawPageWithSquares(const Template& sheet) {
    GreyImage page = drawPage(sheet);
    for (const Point at : sheet.align.centres)
        paint(page, 20, [&](Point p) { return inBox(p, at.x - 3, at.y - 3, at.x + 3, at.y + 3); });
    paint(page, 20, [](Point p) { return inBox(p, 20.5, 10.5, 23.5, 13.5); });
    return page;
}

// Each pixel is taken from a place that is a number of millimeters away.
template <typename Move>
GreyImage displaced(const GreyImage& page, Move move) {
    GreyImage result = page;
    for (int y = 0; y < page.height; ++y) {
        for (int x = 0; x < page.width; ++x) {
            const Point off = move(Point{(x + 0.5) / kScale, (y + 0.5) / kScale});
            const int from_x =
                std::clamp(x + static_cast<int>(std::lround(off.x * kScale)), 0, page.width - 1);
            const int from_y =
                std::clamp(y + static_cast<int>(std::lround(off.y * kScale)), 0, page.height - 1);
            result.row(y)[static_cast<std::size_t>(x)] = page.at(from_x, from_y);
        }
    }
    return result;
}

std::string rejectionOf(const GreyImage& image, const Template& sheet) {
    try {
        return "read as " + answersOf(image, sheet);
    } catch (const UnreadableSheet& error) {
        return error.what();
    }
}

}  // namespace

TEST_CASE("a bowed page is followed") {
    const Template sheet = parseTemplate(kFields + kCornerSquares, "t.yaml");
    const GreyImage page = drawPageWithSquares(sheet);
    for (const double bow : {-2.5, -1.2, 1.2, 2.5}) {
        INFO(bow);
        CHECK(answersOf(displaced(page,
                                  [&](Point p) {
                                      const double x = p.x / 75 - 1;
                                      return Point{.x = 0, .y = bow * (1 - x * x)};
                                  }),
                        sheet) == kAnswers);
    }
}

TEST_CASE("a page that slipped in the copier is followed") {
    const Template sheet = parseTemplate(kFields + kCornerSquares, "t.yaml");
    const GreyImage page = drawPageWithSquares(sheet);
    const GreyImage slipped = displaced(
        page, [](Point p) { return Point{.x = p.y > 100 && p.y < 175 ? 1.25 : 0, .y = 0}; });
    CHECK(answersOf(slipped, sheet) == kAnswers);
}

TEST_CASE("a few rows that slipped are followed, although most of their block lies right") {
    const Template sheet = parseTemplate(kFields + kCornerSquares, "t.yaml");
    const GreyImage page = drawPageWithSquares(sheet);
    for (const double from : {109.0, 118.0, 127.0}) {
        INFO(from);
        const GreyImage slipped = displaced(
            page, [&](Point p) { return Point{.x = p.y > from && p.y < 175 ? 1.1 : 0, .y = 0}; });
        const auto reading = readSheet(slipped, sheet);
        CHECK_FALSE(reading.alignment.moves.empty());
        CHECK(answersOf(slipped, sheet) == kAnswers);
    }
}

TEST_CASE("a form that lacks a row or column of the template is rejected with its name") {
    const Template sheet = parseTemplate(kFields + kCornerSquares, "t.yaml");
    GreyImage page = drawPageWithSquares(sheet);
    paint(page, 235, [](Point p) { return inBox(p, 63, 50, 75, 175); });
    CHECK(rejectionOf(page, sheet) ==
          "unreadable: no bubbles are printed at the positions of value D of q1 to q12; check that "
          "the sheet belongs to the template and that the image shows the whole page");
    page = drawPageWithSquares(sheet);
    paint(page, 235, [](Point p) { return inBox(p, 30, 155, 80, 165); });
    CHECK_THAT(rejectionOf(page, sheet), Catch::Contains("at the positions of q12"));
}

TEST_CASE("a map that is off by a row is rejected, whatever it was found by") {
    // The same form, shifted by one row down, and by one row up: all rows except one match.
    const Template whole = parseTemplate(kFields, "t.yaml");
    const GreyImage page = drawPage(whole);
    for (const double rows : {-1.0, 1.0}) {
        const GreyImage moved =
            displaced(page, [&](Point) { return Point{.x = 0, .y = 9 * rows}; });
        CHECK_THAT(rejectionOf(moved, whole), Catch::StartsWith("unreadable: "));
    }
}

TEST_CASE("a form that looks the same upside down needs a mark that tells which way is up") {
    const std::string fields = R"(
sheet: symmetric
page: {width: 150, height: 200}
bubble: {radius: 2.5}
fields:
  - {name: q, count: 12, values: ABCD, origin: [61.5, 50.5], step: [0, 9], value_step: [9, 0]}
)";
    const Template whole = parseTemplate(fields, "t.yaml");
    CHECK_THAT(rejectionOf(drawPage(whole), whole), Catch::Contains("the orientation is unknown"));
    const Template marked = parseTemplate(fields + kCornerSquares, "t.yaml");
    const GreyImage page = drawPageWithSquares(marked);
    CHECK(answersOf(page, marked) == kAnswers);
    CHECK(answersOf(turned(page, 2), marked) == kAnswers);
}

TEST_CASE("no answer is more certain than the map of its page") {
    const Template sheet = parseTemplate(kFields + kCornerSquares, "t.yaml");
    const auto reading = readSheet(drawPageWithSquares(sheet), sheet);
    CHECK(reading.alignment.proof > 0.99);
    for (const auto& field : reading.fields) CHECK(field.confidence <= reading.alignment.proof);
}

TEST_CASE("corner squares that are grey or halftoned are found, and one may be half cut") {
    const Template sheet = parseTemplate(kFields + kCornerSquares, "t.yaml");
    const auto withSquares = [&](auto ink) {
        GreyImage page = drawPage(sheet);
        for (int y = 0; y < page.height; ++y) {
            for (int x = 0; x < page.width; ++x) {
                const Point p{(x + 0.5) / kScale, (y + 0.5) / kScale};
                bool inside = inBox(p, 20.5, 10.5, 23.5, 13.5);
                for (const Point at : sheet.align.centres)
                    inside |= inBox(p, at.x - 3, at.y - 3, at.x + 3, at.y + 3);
                if (inside)
                    page.row(y)[static_cast<std::size_t>(x)] = static_cast<std::uint8_t>(ink(x, y));
            }
        }
        return page;
    };
    CHECK(answersOf(withSquares([](int, int) { return 185; }), sheet) == kAnswers);
    CHECK(answersOf(withSquares([](int x, int y) { return (x / 2 + y / 2) % 2 == 0 ? 20 : 235; }),
                    sheet) == kAnswers);
    CHECK(answersOf(withSquares([](int x, int y) { return x % 5 < 3 && y % 5 < 3 ? 235 : 30; }),
                    sheet) == kAnswers);
    GreyImage cut = withSquares([](int, int) { return 20; });
    paint(cut, 235, [](Point p) { return p.x < 12 && p.y < 100; });
    CHECK(answersOf(cut, sheet) == kAnswers);
}

TEST_CASE("corner squares of which one side of the page is half cut are found") {
    const Template sheet = parseTemplate(kFields + kCornerSquares, "t.yaml");
    const GreyImage page = drawPageWithSquares(sheet);
    const double left = sheet.align.centres[0].x;
    const double top = sheet.align.centres[0].y;
    for (const double lost : {-1.5, 0.0, 0.5}) {  // millimeters beyond the middle of the squares
        INFO(lost);
        const int x = static_cast<int>((left + lost) * kScale);
        const int y = static_cast<int>((top + lost) * kScale);
        CHECK(answersOf(crop(page, {x, 0, page.width, page.height}), sheet) == kAnswers);
        CHECK(answersOf(crop(page, {0, y, page.width, page.height}), sheet) == kAnswers);
        CHECK(answersOf(crop(page, {0, 0, page.width - x, page.height}), sheet) == kAnswers);
        CHECK(answersOf(turned(crop(page, {0, 0, page.width, page.height - y}), 1), sheet) ==
              kAnswers);
        // A copier left white what it cut off.
        GreyImage white = page;
        paint(white, 235, [&](Point p) { return p.x < left + lost; });
        CHECK(answersOf(white, sheet) == kAnswers);
    }
}
