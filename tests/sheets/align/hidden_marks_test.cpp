// Scans on which a dark edge, a cut or a fold hides corner marks, and what is said about those that
// are rejected.
#include <algorithm>
#include <cmath>
#include <string>

#include <catch2/catch.hpp>

#include <sheafline/sheets/read_image.h>

#include "silent_errors.h"

using namespace sheafline::sheets;

namespace {

constexpr int kDpi = 150;

int inPixels(double mm) { return static_cast<int>(std::lround(mm * kDpi / 25.4)); }

SampledSheet oneSample() {
    return makeSampleBatch(
               {.sheets = 1, .seed = 41, .profile = SampleProfile::typical, .dpi = kDpi})
        .begin()
        ->second;
}

// In millimeters from the image's top left corner.
GreyImage painted(GreyImage page, double left, double top, double right, double bottom,
                  std::uint8_t ink) {
    for (int y = std::max(0, inPixels(top)); y < std::min(page.height, inPixels(bottom)); ++y) {
        for (int x = std::max(0, inPixels(left)); x < std::min(page.width, inPixels(right)); ++x)
            page.row(y)[static_cast<std::size_t>(x)] = ink;
    }
    return page;
}

GreyImage cutTo(const GreyImage& page, int width, int height) {
    GreyImage part = blankImage(width, height, page.dpi);
    for (int y = 0; y < height; ++y) std::copy_n(page.row(y).begin(), width, part.row(y).begin());
    return part;
}

}  // namespace

TEST_CASE("a sheet whose marks of one side lie under a dark edge is read by the two others") {
    const SampledSheet sample = oneSample();
    const GreyImage page = readImage(sample.bytes);
    const double right = page.width * 25.4 / kDpi;
    const double bottom = page.height * 25.4 / kDpi;
    for (const double width : {9.0, 11.0, 13.0, 16.0}) {
        INFO("dark edge of " << width << " mm");
        CHECK(silentErrors(painted(page, 0, 0, width, bottom, 10), sample).empty());
        CHECK(silentErrors(painted(page, 0, 0, right, width, 10), sample).empty());
        CHECK(silentErrors(painted(page, right - width, 0, right, bottom, 10), sample).empty());
        CHECK(silentErrors(painted(page, 0, bottom - width, right, bottom, 10), sample).empty());
    }
}

TEST_CASE("marks that paper covers are as good as hidden ones") {
    const SampledSheet sample = oneSample();
    const GreyImage page = readImage(sample.bytes);
    CHECK(silentErrors(painted(page, 0, 270, 210, 297, 235), sample).empty());
    CHECK(silentErrors(painted(page, 188, 0, 210, 20, 235), sample).empty());
}

TEST_CASE("a dark edge around the whole page leaves no mark, so nothing is read") {
    const SampledSheet sample = oneSample();
    GreyImage page = readImage(sample.bytes);
    const double right = page.width * 25.4 / kDpi;
    const double bottom = page.height * 25.4 / kDpi;
    page = painted(painted(page, 0, 0, 16, bottom, 10), 0, 0, right, 16, 10);
    page =
        painted(painted(page, right - 16, 0, right, bottom, 10), 0, bottom - 16, right, bottom, 10);
    CHECK_THAT(silentErrors(page, sample),
               Catch::StartsWith("unreadable: the corner marks were not found"));
}

TEST_CASE("a part of a page is rejected with the field at which it ends") {
    const SampledSheet sample = oneSample();
    const GreyImage page = readImage(sample.bytes);
    CHECK(silentErrors(cutTo(page, page.width * 62 / 100, page.height), sample) ==
          "unreadable: the image ends before the positions of q41; scan the whole page");
    CHECK(silentErrors(cutTo(page, page.width, page.height * 55 / 100), sample) ==
          "unreadable: the image ends before the positions of q11; scan the whole page");
}

TEST_CASE("rows that slipped too far to be followed are named") {
    const SampledSheet sample = oneSample();
    GreyImage page = readImage(sample.bytes);
    for (int y = inPixels(160); y < inPixels(215); ++y) {
        const auto row = page.row(y);
        std::rotate(row.begin(), row.end() - inPixels(3.2), row.end());
    }
    CHECK_THAT(silentErrors(page, sample),
               Catch::Contains("the bubbles of q10 are printed beside their positions, because the "
                               "page slipped or was stretched"));
}
