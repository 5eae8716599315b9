#include <algorithm>

#include <catch2/catch.hpp>

#include <sheafline/sheets/load_template.h>
#include <sheafline/sheets/overlay.h>
#include <sheafline/sheets/overlay_places.h>
#include <sheafline/sheets/read_image.h>
#include <sheafline/sheets/score_again.h>

#include "sample_batch.h"
#include "temporary_folder.h"

using namespace sheafline::sheets;

namespace {

const char* const kDemo = SHEAFLINE_SOURCE_DIR "/pipelines/templates/demo-sheet.yaml";

SampledSheet oneSheet() { return makeSampleBatch({.sheets = 1, .seed = 12}).begin()->second; }

}  // namespace

TEST_CASE("an overlay shows the page upright whatever its orientation") {
    const Template demo = loadTemplate(kDemo);
    const GreyImage page = readImage(oneSheet().bytes);
    const GreyImage upright = readImage(drawOverlay(page, demo, readSheet(page, demo)));
    CHECK(upright.width == page.width);
    const GreyImage side = turned(page, 3);
    const GreyImage picture = readImage(drawOverlay(side, demo, readSheet(side, demo)));
    CHECK(picture.width == page.width);
    CHECK(picture.height == page.height);
    // The same, except for lines that fall between pixels.
    int different = 0;
    for (std::size_t i = 0; i < picture.pixels.size(); ++i)
        different += std::abs(picture.pixels[i] - upright.pixels[i]) > 40 ? 1 : 0;
    CHECK(different < 20'000);
}

TEST_CASE("the stored reading says where the bubbles lie, on a turned and on a bent page") {
    const Template demo = loadTemplate(kDemo);
    const GreyImage page = readImage(oneSheet().bytes);
    for (const int turns : {0, 1, 2, 3}) {
        const GreyImage image = turned(page, turns);
        SheetReading reading = readSheet(image, demo);
        for (const bool bent : {false, true}) {
            if (bent) {
                reading.alignment.moves.clear();
                for (const auto& field : demo.fields)
                    for (std::size_t b = 0; b < field.bubbles.size(); ++b)
                        reading.alignment.moves.push_back(
                            {.x = 0.25, .y = -0.1 * static_cast<double>(b)});
            }
            const auto places = overlayPlaces(evidenceOf(reading, demo), demo).value();
            INFO(turns << (bent ? " bent" : " plain"));
            CHECK(places.width == image.width);
            CHECK(places.quarter_turns == reading.alignment.quarter_turns);
            CHECK(places.marks.size() == reading.alignment.marks.size());
            REQUIRE(places.fields.size() == demo.fields.size());
            double worst = 0;
            std::size_t next = 0;
            for (std::size_t f = 0; f < demo.fields.size(); ++f) {
                CHECK(places.fields[f].value == reading.fields[f].value);
                for (std::size_t b = 0; b < demo.fields[f].bubbles.size(); ++b, ++next) {
                    Point on_page = demo.fields[f].bubbles[b].centre;
                    if (!reading.alignment.moves.empty()) {
                        on_page.x += reading.alignment.moves[next].x;
                        on_page.y += reading.alignment.moves[next].y;
                    }
                    const BubblePlace& place = places.fields[f].bubbles[b];
                    worst = std::max(worst, distance(place.centre, reading.alignment.map(on_page)));
                    CHECK(place.marked == reading.fields[f].marked[b]);
                    CHECK(place.half_width ==
                          Approx(demo.fields[f].half_width * 150 / 25.4).epsilon(0.05));
                }
            }
            CHECK(worst < 1);  // pixel
        }
    }
}

TEST_CASE("there are no places without their evidence, or for another template") {
    const Template demo = loadTemplate(kDemo);
    const SheetReading reading = readSheet(readImage(oneSheet().bytes), demo);
    const std::string evidence = evidenceOf(reading, demo);
    const auto without = [&](std::string_view part, std::string_view instead) {
        std::string changed = evidence;
        return changed.replace(changed.find(part), part.size(), instead);
    };
    REQUIRE(overlayPlaces(evidence, demo));
    CHECK_FALSE(overlayPlaces("", demo));
    CHECK_FALSE(overlayPlaces("{}", demo));
    CHECK_FALSE(overlayPlaces(without(R"("size")", R"("once")"), demo));
    CHECK_FALSE(overlayPlaces(without(R"("size":[)", R"("size":[1,)"), demo));
    CHECK_FALSE(overlayPlaces(without(R"("map":[)", R"("map":[1e300,)"), demo));
    CHECK_FALSE(overlayPlaces(without(R"("map":[)", R"("map":null,"once":[)"), demo));
    CHECK_FALSE(overlayPlaces(without(R"("q1":)", R"("other":)"), demo));
    // A reading without places can be scored again.
    CHECK(settleColumns(without(R"("size")", R"("once")"), demo));
}

TEST_CASE("a field's picture is no larger than its bubbles need") {
    const Template demo = loadTemplate(kDemo);
    const GreyImage page = readImage(oneSheet().bytes);
    const GreyImage picture =
        readImage(drawField(page, demo, readSheet(page, demo), demo.fields.size() - 1));
    CHECK(picture.width == Approx((28 + 3.2 * 2.3) * 150 / 25.4).margin(12));
    CHECK(picture.height == Approx(3.2 * 2.3 * 150 / 25.4).margin(12));
}

TEST_CASE("an answer is drawn with the rows around it, a column with all its fields") {
    const Template demo = loadTemplate(kDemo);
    const GreyImage page = readImage(oneSheet().bytes);
    const SheetReading reading = readSheet(page, demo);
    const auto sizeOf = [&](std::string_view name, int rows) {
        return readImage(drawAnswer(page, demo, reading, name, rows).value());
    };
    const GreyImage alone = sizeOf("q7", 0);
    CHECK(drawAnswer(page, demo, reading, "q7") ==
          drawField(page, demo, reading,
                    static_cast<std::size_t>(std::ranges::find(demo.fields, "q7", &Field::name) -
                                             demo.fields.begin())));
    const double row = 7 * 150 / 25.4;  // between two questions
    CHECK(sizeOf("q7", 1).height == Approx(alone.height * 2 + 2 * row).margin(6));
    CHECK(sizeOf("q7", 2).height == Approx(alone.height * 2 + 4 * row).margin(6));
    CHECK(sizeOf("q7", 1).width > alone.width);
    CHECK(sizeOf("q7", 1000).height <= page.height);
    // The first question has no row above it.
    CHECK(sizeOf("q1", 1).height < sizeOf("q7", 1).height);
    const OutputColumn& student = demo.output.front();
    REQUIRE(student.fields.size() > 1);
    CHECK(sizeOf(student.name, 0).width >
          2 * sizeOf(demo.fields[student.fields.front()].name, 0).width);
    CHECK_FALSE(drawAnswer(page, demo, reading, "no-such"));
}

TEST_CASE("only doubtful fields are drawn") {
    const Template demo = loadTemplate(kDemo);
    for (const auto profile : {SampleProfile::clean, SampleProfile::hard}) {
        const auto batch = makeSampleBatch({.sheets = 1, .seed = 12, .profile = profile});
        const GreyImage page = readImage(batch.begin()->second.bytes);
        const SheetReading reading = readSheet(page, demo);
        std::string drawn;
        for (const auto& field : drawDoubtfulFields(page, demo, reading)) {
            if (!drawn.empty()) drawn += ';';
            drawn.append(field.name).append(":").append(toString(field.flag));
            CHECK(readImage(field.picture).width < page.width / 3);
        }
        CHECK(drawn == flagsOf(reading, demo));
        CHECK(drawn.empty() == (profile == SampleProfile::clean));
    }
}

TEST_CASE("template check prints the row, or the reason why there is none") {
    const sheafline::TemporaryFolder folder;
    const SampledSheet sheet = oneSheet();
    folder.write("a.jpg", {reinterpret_cast<const char*>(sheet.bytes.data()), sheet.bytes.size()});
    const TemplateCheck read = checkTemplate(kDemo, folder / "a.jpg");
    CHECK(read.readable);
    CHECK_THAT(read.report, Catch::StartsWith("student: " + sheet.truth.answers.at("student") +
                                              " (1.000)\nq1: "));
    const PngBytes blank = read.picture;
    folder.write("t.yaml",
                 "sheet: other\npage: {width: 100, height: 50}\nbubble: {radius: 2}\n"
                 "fields: [{name: q, values: A, origin: [20, 20]}]\n");
    const TemplateCheck rejected = checkTemplate(folder / "t.yaml", folder / "a.jpg");
    CHECK_FALSE(rejected.readable);
    CHECK_THAT(rejected.report, Catch::StartsWith("unreadable: "));
    CHECK(imageFormat(rejected.picture) == ImageFormat::png);
}

TEST_CASE("the picture of a rejected sheet shows which bubbles were expected and where") {
    const Template demo = loadTemplate(kDemo);
    GreyImage page = readImage(oneSheet().bytes);
    // Column E of the first block is not printed on this form.
    const Homography map = alignSheet(page, demo).map;
    for (int row = 0; row < 20; ++row) {
        const Point at = map({.x = 26 + 4 * 7, .y = 100.0 + 7 * row});
        for (int y = static_cast<int>(at.y) - 18; y < static_cast<int>(at.y) + 18; ++y) {
            for (int x = static_cast<int>(at.x) - 18; x < static_cast<int>(at.x) + 18; ++x)
                page.row(y)[static_cast<std::size_t>(x)] = 240;
        }
    }
    const TemplateCheck rejected = checkSheet(page, demo);
    CHECK_FALSE(rejected.readable);
    CHECK_THAT(rejected.report, Catch::Contains("value E of q1 to q20"));
    const GreyImage picture = readImage(rejected.picture);
    REQUIRE(picture.width == page.width);
    // The reason is above the page, and hides nothing of it.
    const int heading = picture.height - page.height;
    CHECK(heading > 60);
    // Where nothing is printed, the expected place is drawn on blank paper.
    const Point e7 = map({.x = 26 + 4 * 7, .y = 100.0 + 7 * 6});
    int drawn = 0;
    for (int y = static_cast<int>(e7.y) - 16; y < static_cast<int>(e7.y) + 16; ++y) {
        for (int x = static_cast<int>(e7.x) - 16; x < static_cast<int>(e7.x) + 16; ++x)
            drawn += picture.at(x, y + heading) < 200 ? 1 : 0;
    }
    CHECK(drawn > 60);
}
