#include <algorithm>
#include <random>
#include <string>

#include <catch2/catch.hpp>

#include <sheafline/sheets/read_image.h>

#include "image_files.h"

using namespace sheafline::sheets;

namespace {

GreyImage blackAndWhite(int width, int height) {
    GreyImage page = softPage(width, height);
    for (auto& pixel : page.pixels) pixel = pixel < 128 ? 0 : 255;
    return page;
}

std::string rejection(std::span<const std::uint8_t> bytes, const ReadOptions& options = {}) {
    try {
        static_cast<void>(readImage(bytes, options));
    } catch (const UnreadableImage& error) {
        return error.what();
    }
    return "was read";
}

struct Kind {
    std::string name;
    Bytes bytes;
    int tolerance;
};

const GreyImage& page() {
    static const GreyImage kPage = softPage(203, 141);
    return kPage;
}

std::vector<Kind> greyKinds() {
    return {{"grey JPEG", writeJpeg(page()), 6},
            {"colour JPEG", writeJpeg(page(), {.colour = true}), 7},
            {"progressive JPEG", writeJpeg(page(), {.progressive = true}), 6},
            {"PNG", writePng(page()), 0},
            {"16-bit PNG", writePng(page(), {.bits = 16}), 0},
            {"4-bit PNG", writePng(page(), {.bits = 4}), 15},
            {"palette PNG", writePng(page(), {.palette = true}), 0},
            {"RGB PNG", writePng(page(), {.colour = true}), 1},
            {"interlaced PNG", writePng(page(), {.interlaced = true}), 0},
            {"interlaced RGB PNG", writePng(page(), {.colour = true, .interlaced = true}), 1},
            {"CMYK JPEG", writeJpeg(page(), {.print = true}), 6},
            {"WebP", writeWebp(page()), 0},
            {"TIFF", writeTiff({page()}), 0},
            {"white-is-zero TIFF", writeTiff({page()}, {.white_is_zero = true}), 0},
            {"16-bit TIFF", writeTiff({page()}, {.bits = 16}), 1},
            {"RGB TIFF", writeTiff({page()}, {.colour = true}), 1},
            {"tiled TIFF", writeTiff({page()}, {.tiled = true}), 1}};
}

}  // namespace

TEST_CASE("every kind of grey and colour file is read to the same page") {
    for (const auto& kind : greyKinds()) {
        INFO(kind.name);
        CHECK(largestDifference(readImage(kind.bytes), page()) <= kind.tolerance);
    }
}

TEST_CASE("black-and-white files keep every pixel") {
    const GreyImage page = blackAndWhite(203, 141);
    CHECK(largestDifference(readImage(writePng(page, {.bits = 1})), page) == 0);
    CHECK(largestDifference(readImage(writePng(page, {.bits = 1, .palette = true})), page) == 0);
    CHECK(largestDifference(readImage(writeTiff({page}, {.bits = 1, .fax = true})), page) == 0);
    CHECK(largestDifference(
              readImage(writeTiff({page}, {.bits = 1, .white_is_zero = true, .fax = true})),
              page) == 0);
}

TEST_CASE("transparent pixels become white") {
    const GreyImage dark{.width = 2, .height = 1, .pixels = {0, 100}};
    const GreyImage seen{.width = 2, .height = 1, .pixels = {127, 177}};
    CHECK(largestDifference(readImage(writePng(dark, {.alpha = true})), seen) <= 1);
    CHECK(largestDifference(readImage(writePng(dark, {.colour = true, .alpha = true})), seen) <= 1);
}

TEST_CASE("the orientation tag of a file turns its page upright") {
    const GreyImage stored = softPage(96, 64);
    GreyImage mirrored = stored;
    for (int y = 0; y < mirrored.height; ++y) std::ranges::reverse(mirrored.row(y));
    const std::vector<GreyImage> expected{stored,
                                          mirrored,
                                          turned(stored, 2),
                                          turned(mirrored, 2),
                                          turned(mirrored, 3),
                                          turned(stored, 1),
                                          turned(mirrored, 1),
                                          turned(stored, 3)};
    for (int tag = 1; tag <= 8; ++tag) {
        INFO(tag);
        const auto& upright = expected[static_cast<std::size_t>(tag - 1)];
        const Bytes jpeg = writeJpeg(stored, {.orientation = tag});
        const Bytes tiff = writeTiff({stored}, {.orientation = tag});
        CHECK(largestDifference(readImage(jpeg), upright) <= 6);
        CHECK(largestDifference(readImage(tiff), upright) == 0);
        CHECK(describeImage(jpeg).width == upright.width);
        const PixelBox box{.x = 9, .y = 17, .width = 31, .height = 21};
        CHECK(readPart(jpeg, box).pixels == crop(readImage(jpeg), box).pixels);
        CHECK(readPart(tiff, box).pixels == crop(upright, box).pixels);
    }
}

TEST_CASE("a WebP is turned upright by its EXIF block, and an animation is rejected") {
    const GreyImage stored = softPage(96, 64);
    const Bytes webp = writeWebp(stored, {.orientation = 6});
    CHECK(largestDifference(readImage(webp), turned(stored, 1)) == 0);
    CHECK(describeImage(webp).width == 64);
    CHECK(describeImage(webp).format == ImageFormat::webp);
    CHECK(rejection(writeWebp(stored, {.animated = true})) ==
          "the WebP is an animation; save the page as a single image");
}

TEST_CASE("a page with fewer rows than columns for each inch has square pixels") {
    const GreyImage page = softPage(204, 98);
    for (const int tag : {1, 6}) {
        const Bytes fax = writeTiff({page}, {.orientation = tag, .dpi = 204, .dpi_down = 98});
        const GreyImage seen = readImage(fax);
        CHECK(std::max(seen.width, seen.height) == 204);
        CHECK(std::min(seen.width, seen.height) == 204);
        CHECK(seen.dpi == Approx(204));
        CHECK(describeImage(fax).height == seen.height);
        const GreyImage upright = tag == 1 ? seen : turned(seen, 3);
        for (int y = 0; y < 98; ++y)
            CHECK(std::abs(upright.at(100, y * 204 / 98 + 1) - page.at(100, y)) <= 4);
        const PixelBox box{.x = 9, .y = 17, .width = 31, .height = 21};
        CHECK(readPart(fax, box).pixels == crop(seen, box).pixels);
    }
    const Bytes lying = writeTiff({page}, {.dpi = 204, .dpi_down = 1});
    CHECK(readImage(lying).height == 98);
    CHECK(rejection(writeTiff({page}, {.dpi = 204, .dpi_down = 98}), {.max_pixels = 30'000}) ==
          "the image has 204 x 204 pixels, more than the limit of 30000");
}

TEST_CASE("a part of a page equals the same part of the whole") {
    const std::vector<PixelBox> boxes{{.x = 0, .y = 0, .width = 203, .height = 30},
                                      {.x = 50, .y = 40, .width = 60, .height = 50},
                                      {.x = 190, .y = 130, .width = 99, .height = 99},
                                      {.x = -20, .y = 3, .width = 40, .height = 1}};
    for (const auto& kind : greyKinds()) {
        const GreyImage whole = readImage(kind.bytes);
        for (const auto& box : boxes) {
            INFO(kind.name << " at " << box.x << "," << box.y);
            CHECK(largestDifference(readPart(kind.bytes, box), crop(whole, box)) <= 1);
        }
    }
}

TEST_CASE("the header contains size and resolution") {
    const auto info = describeImage(writePng(page()));
    CHECK(info.width == 203);
    CHECK(info.height == 141);
    CHECK(info.dpi == Approx(150).margin(0.1));
    CHECK(describeImage(writeJpeg(page(), {.dpi = 200})).dpi == 200);
    CHECK(describeImage(writeTiff({page()})).dpi == 300);
}

TEST_CASE("the pages of a TIFF are read by number") {
    const Bytes tiff = writeTiff({softPage(40, 30), softPage(50, 20)});
    CHECK(countPages(tiff) == 2);
    CHECK(readImage(tiff, {.page = 2}).width == 50);
    CHECK(rejection(tiff, {.page = 3}) == "the TIFF has no page 3");
    CHECK(rejection(writePng(page()), {.page = 2}) == "the file has 1 page; page 2 was requested");
    CHECK(countPages(writePng(page())) == 1);
}

TEST_CASE("a file that is not an image is rejected by name") {
    const std::string text = "Dear Sir, the scanner is broken.";
    CHECK(rejection({}) == "the file is empty");
    CHECK(rejection(Bytes(text.begin(), text.end())) ==
          "the file is no JPEG, PNG, TIFF or WebP image");
    CHECK_THROWS_AS(readBytes("/nowhere/sheet.jpg"), UnreadableImage);
}

TEST_CASE("a page over the pixel limit is rejected before it is decoded") {
    const std::string expected = "the image has 203 x 141 pixels, more than the limit of 28000";
    for (const auto& kind : greyKinds()) {
        INFO(kind.name);
        CHECK(rejection(kind.bytes, {.max_pixels = 28'000}) == expected);
    }
    // The same with false headers: a few bytes that claim 65,000 x 65,000 pixels.
    Bytes jpeg = writeJpeg(page());
    const Bytes frame{0xFF, 0xC0, 0, 11, 8};
    const auto place = std::search(jpeg.begin(), jpeg.end(), frame.begin(), frame.end());
    REQUIRE(place != jpeg.end());
    std::fill_n(place + 5, 4, std::uint8_t{0xFE});
    CHECK(rejection(jpeg) ==
          "the image has 65278 x 65278 pixels, more than the limit of 200000000");
}

TEST_CASE("a file truncated at any point is rejected") {
    auto kinds = greyKinds();
    kinds.push_back(
        {"fax TIFF", writeTiff({blackAndWhite(400, 300)}, {.bits = 1, .fax = true}), 0});
    for (const auto& kind : kinds) {
        for (std::size_t part = 0; part < 16; ++part) {
            INFO(kind.name << " cut after " << part << "/16");
            const Bytes cut(
                kind.bytes.begin(),
                kind.bytes.begin() + static_cast<std::ptrdiff_t>(kind.bytes.size() * part / 16));
            CHECK(rejection(cut) != "was read");
        }
    }
}

TEST_CASE("a garbled image file is either rejected or read as a changed page") {
    std::mt19937 random(20);
    for (const auto& kind : greyKinds()) {
        for (int round = 0; round < 60; ++round) {
            Bytes bytes = kind.bytes;
            const std::size_t first = round % 2 == 0 ? 8 : 40;
            for (int i = 0; i <= round / 4; ++i) {
                bytes[first + random() % (bytes.size() - first)] =
                    static_cast<std::uint8_t>(random());
            }
            INFO(kind.name << " round " << round);
            const std::string result = rejection(bytes, {.max_pixels = 4'000'000});
            CHECK_FALSE(result.empty());
        }
        Bytes noise = kind.bytes;
        std::generate(noise.begin() + 8, noise.end(),
                      [&] { return static_cast<std::uint8_t>(random()); });
        CHECK(rejection(noise) != "was read");
    }
}
