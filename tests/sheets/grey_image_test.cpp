#include <string>

#include <catch2/catch.hpp>

#include <sheafline/sheets/grey_image.h>

using namespace sheafline::sheets;

namespace {

GreyImage letters() { return {.width = 3, .height = 2, .pixels = {'a', 'b', 'c', 'd', 'e', 'f'}}; }

std::string text(const GreyImage& image) {
    std::string result;
    for (int y = 0; y < image.height; ++y) {
        if (y > 0) result += '/';
        for (const auto pixel : image.row(y)) result += static_cast<char>(pixel);
    }
    return result;
}

}  // namespace

TEST_CASE("an image turns clockwise by quarter turns") {
    CHECK(text(turned(letters(), 0)) == "abc/def");
    CHECK(text(turned(letters(), 1)) == "da/eb/fc");
    CHECK(text(turned(letters(), 2)) == "fed/cba");
    CHECK(text(turned(letters(), 3)) == "cf/be/ad");
    CHECK(text(turned(letters(), -1)) == "cf/be/ad");
}

TEST_CASE("a crop is clipped to the image") {
    CHECK(text(crop(letters(), {.x = 1, .y = 0, .width = 2, .height = 2})) == "bc/ef");
    CHECK(text(crop(letters(), {.x = -5, .y = 1, .width = 6, .height = 9})) == "d");
    CHECK(crop(letters(), {.x = 7, .y = 7, .width = 2, .height = 2}).pixels.empty());
}
