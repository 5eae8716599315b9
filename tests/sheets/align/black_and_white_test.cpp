// Scans of one bit: the threshold erases parts of pale outlines, or leaves only the edges of what
// is dark.
#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include <catch2/catch.hpp>

#include <sheafline/sheets/read_image.h>

#include "silent_errors.h"

using namespace sheafline::sheets;

namespace {

constexpr int kDpi = 150;

int pixels(double mm) { return static_cast<int>(std::lround(mm * kDpi / 25.4)); }

std::map<std::string, SampledSheet> samples(SampleProfile profile, int sheets = 3) {
    return makeSampleBatch({.sheets = sheets, .seed = 5, .profile = profile, .dpi = kDpi});
}

GreyImage blackAndWhite(GreyImage page, int threshold) {
    for (auto& pixel : page.pixels) pixel = pixel >= threshold ? 255 : 0;
    return page;
}

// Black where it is darker than what is around it: only edges are left of what is large and dark.
GreyImage edges(const GreyImage& page) {
    GreyImage around = page;
    constexpr int kReach = 11;
    for (int y = 0; y < page.height; ++y) {
        for (int x = 0; x < page.width; ++x) {
            int sum = 0;
            int count = 0;
            for (int dy = -kReach; dy <= kReach; dy += 2) {
                for (int dx = -kReach; dx <= kReach; dx += 2) {
                    if (x + dx < 0 || y + dy < 0 || x + dx >= page.width || y + dy >= page.height)
                        continue;
                    sum += page.at(x + dx, y + dy);
                    ++count;
                }
            }
            const bool is_dark = page.at(x, y) < sum / count - 8;
            around.row(y)[static_cast<std::size_t>(x)] = is_dark ? 0 : 255;
        }
    }
    return around;
}

// Everything between the corner marks, moved to the right, as when the paper slipped in a copier.
GreyImage withMovedPrint(const GreyImage& page, int by) {
    GreyImage moved = page;
    for (int y = pixels(30); y < pixels(270); ++y) {
        const auto from = page.row(y);
        auto to = moved.row(y);
        std::copy(from.begin() + pixels(10), from.begin() + pixels(200),
                  to.begin() + pixels(10) + by);
    }
    return moved;
}

void erase(GreyImage& page, double left, double top, double width, double height) {
    for (int y = pixels(top); y < pixels(top + height); ++y)
        std::fill_n(page.row(y).begin() + pixels(left), pixels(width), std::uint8_t{255});
}

}  // namespace

TEST_CASE("outlines of which a threshold left parts prove the page together") {
    const auto profile = GENERATE(SampleProfile::clean, SampleProfile::typical);
    for (const auto& [name, sample] : samples(profile)) {
        INFO(name);
        const GreyImage page = blackAndWhite(readImage(sample.bytes), 150);
        CHECK(silentErrors(page, sample).empty());
        CHECK(silentErrors(turned(page, 2), sample).empty());
    }
}

TEST_CASE("faded print that lies beside its positions proves nothing") {
    const auto batch = samples(SampleProfile::clean, 1);
    const SampledSheet& sample = batch.begin()->second;
    const GreyImage page = blackAndWhite(readImage(sample.bytes), 150);
    REQUIRE(silentErrors(page, sample).empty());
    for (const double mm : {1.0, 1.6, 3.5, 7.0}) {
        INFO(mm << " mm");
        CHECK_THAT(silentErrors(withMovedPrint(page, pixels(mm)), sample),
                   Catch::StartsWith("unreadable: "));
    }
}

TEST_CASE("a faded form with a row less than the template is rejected") {
    const auto batch = samples(SampleProfile::clean, 1);
    const SampledSheet& sample = batch.begin()->second;
    GreyImage page = blackAndWhite(readImage(sample.bytes), 150);
    erase(page, 20, 229.5, 150, 7);  // q20, q40 and q60
    CHECK_THAT(silentErrors(page, sample), Catch::StartsWith("unreadable: "));
}

TEST_CASE("paper without any outline proves nothing") {
    const auto batch = samples(SampleProfile::clean, 1);
    const SampledSheet& sample = batch.begin()->second;
    CHECK_THAT(silentErrors(blackAndWhite(readImage(sample.bytes), 70), sample),
               Catch::StartsWith("unreadable: "));
}

TEST_CASE("corner squares of which only the edges are left are found") {
    for (const auto& [name, sample] : samples(SampleProfile::typical, 2)) {
        INFO(name);
        CHECK(silentErrors(edges(readImage(sample.bytes)), sample).empty());
    }
}

TEST_CASE("a black band of the scanner beside the page does not hide its corner squares") {
    for (const auto& [name, sample] : samples(SampleProfile::clean, 2)) {
        INFO(name);
        GreyImage page = readImage(sample.bytes);
        for (int y = 0; y < page.height; ++y) std::fill_n(page.row(y).begin(), pixels(5), 12);
        CHECK(silentErrors(page, sample).empty());
    }
}
