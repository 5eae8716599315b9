// Fields that are no grids: images that are cut out, bubbles at free points; and sheets whose
// bubbles and code name different students.
#include <fstream>
#include <iterator>
#include <string>

#include <catch2/catch.hpp>

#include <sheafline/error.h>
#include <sheafline/sheets/load_template.h>
#include <sheafline/sheets/overlay.h>
#include <sheafline/sheets/read_image.h>

#include "sample_batch.h"

using namespace sheafline::sheets;

namespace {

const std::filesystem::path kDemo = SHEAFLINE_SOURCE_DIR "/pipelines/templates/demo-sheet.yaml";

std::string demoText() {
    std::ifstream in(kDemo);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

std::string demoWithField(const std::string& field) {
    return replaced(demoText(), "fields:\n", "fields:\n  - " + field + "\n");
}

std::string findingsOf(const std::string& text) {
    try {
        static_cast<void>(parseTemplate(text, kDemo));
    } catch (const sheafline::ConfigError& error) {
        return error.what();
    }
    return "none";
}

struct OneSheet {
    GreyImage page{};
    SampleTruthOfSheet truth{};
};

OneSheet oneSheet(SampleProfile profile = SampleProfile::clean) {
    const auto batch = makeSampleBatch({.sheets = 1, .seed = 31, .profile = profile});
    const SampledSheet& sheet = batch.begin()->second;
    return {.page = readImage(sheet.bytes), .truth = sheet.truth};
}

double meanOf(const GreyImage& image) {
    double sum = 0;
    for (const auto pixel : image.pixels) sum += pixel;
    return sum / static_cast<double>(image.pixels.size());
}

}  // namespace

TEST_CASE("an image field is cut out upright, and adds no column") {
    // The box of the fiducial at the top left, and half a millimeter around it.
    const Template sheet =
        parseTemplate(demoWithField("{name: mark, type: image, box: [8.5, 8.5, 7, 7]}"), kDemo);
    REQUIRE(sheet.images.size() == 1);
    CHECK(sheet.output.size() == loadTemplate(kDemo).output.size());
    const OneSheet sample = oneSheet();
    for (int turns = 0; turns < 4; ++turns) {
        INFO(turns);
        const GreyImage mark = readImage(*cutOut(turned(sample.page, turns), sheet, "mark"));
        CHECK(mark.width == Approx(7 * 150 / 25.4).margin(2));
        CHECK(mark.height == Approx(7 * 150 / 25.4).margin(2));
        CHECK(meanOf(crop(mark, {5, 5, mark.width - 10, mark.height - 10})) < 60);
        CHECK(meanOf(crop(mark, {0, 0, mark.width, 2})) > 150);
    }
    const TemplateCheck check = checkSheet(sample.page, sheet);
    CHECK(check.report.find("\nmark: image\n") != std::string::npos);
    CHECK_THROWS_AS(cutOut(blankImage(800, 1100), sheet, "mark"), UnreadableSheet);
}

TEST_CASE("errors in image fields and free points name the place and the remedy") {
    CHECK(findingsOf(demoWithField("{name: signature, type: image}")).find("[24, 250, 80, 20]") !=
          std::string::npos);
    CHECK(findingsOf(demoWithField("{name: s, type: image, box: [190, 250, 80, 20]}"))
              .find("outside the page") != std::string::npos);
    CHECK(findingsOf(demoWithField("{name: q7, type: image, box: [20, 250, 80, 20]}"))
              .find("'q7' is taken") != std::string::npos);
    CHECK(findingsOf(demoWithField("{name: s, type: image, box: [20, 250, 80, 20], count: 2}"))
              .find("count") != std::string::npos);
    CHECK(findingsOf(replaced(demoWithField("{name: s, type: image, box: [20, 250, 80, 20]}"),
                              "output: [student", "output: [s, student"))
              .find("'s' is an image") != std::string::npos);
    CHECK(findingsOf(demoWithField("{name: p, values: AB, points: [[20, 250]]}"))
              .find("1 points for 2 bubbles") != std::string::npos);
    CHECK(findingsOf(demoWithField("{name: p, values: A, points: [[20, 250]], origin: [1, 2]}"))
              .find("origin and points exclude each other") != std::string::npos);
    CHECK(findingsOf(replaced(demoText(), "check: \".*/{student}\"", "differs: flag"))
              .find("there is no check") != std::string::npos);
    CHECK(findingsOf(demoText() + "codes: [qr, maxicode]\n").find("'maxicode' is not a kind") !=
          std::string::npos);
}

TEST_CASE("bubbles at free points are read like those of a grid") {
    // The first row of questions of the demo sheet, its values from right to left, then the others.
    const Template sheet = parseTemplate(R"(
sheet: free
page: {width: 210, height: 297}
align:
  fiducials: {shape: square, side: 6, centres: [[12, 12], [198, 12], [198, 285], [12, 285]]}
  orientation: {centre: [22, 12], side: 3}
bubble: {radius: 2.3}
fields:
  - {name: f, count: 2, values: EDCBA,
     points: [[54, 100], [47, 100], [40, 100], [33, 100], [26, 100],
              [112, 107], [105, 107], [98, 107], [91, 107], [84, 107]]}
  - {name: q, count: 40, first: 3, values: ABCDE, step: [0, 7], value_step: [7, 0],
     columns: [{origin: [26, 114], count: 18}, {origin: [84, 114], count: 18}, {origin: [142, 100], count: 4}]}
)",
                                         kDemo);
    REQUIRE(sheet.fields.size() == 42);
    for (const SampleProfile profile : {SampleProfile::clean, SampleProfile::typical}) {
        const OneSheet sample = oneSheet(profile);
        const SheetReading reading = readSheet(sample.page, sheet);
        CHECK(reading.columns[0].value == sample.truth.answers.at("q1"));
        CHECK(reading.columns[1].value == sample.truth.answers.at("q22"));
        CHECK(reading.columns[2].value == sample.truth.answers.at("q3"));
    }
}

TEST_CASE("a code that differs from the bubbles quarantines the sheet, or flags it on request") {
    const OneSheet sample = oneSheet();
    const std::string other = "MATH-7B/1/9999999";
    CHECK_THROWS_WITH(
        readSheet(sample.page, loadTemplate(kDemo), {.qr = other}),
        Catch::Contains("the bubbles say student " + sample.truth.answers.at("student")) &&
            Catch::Contains("the QR code says " + other));
    const Template flagging =
        parseTemplate(demoText() + "differs: flag\nidentity: [student]\n", kDemo);
    const SheetReading reading = readSheet(sample.page, flagging, {.qr = other});
    CHECK(reading.columns.front().value == sample.truth.answers.at("student"));
    CHECK(flagsOf(reading, flagging).starts_with("identity:differs"));
    // Nobody knows whose sheet it is, so it is no scan of another page.
    CHECK(evidenceOf(reading, flagging).starts_with("{\"identity\":\"\""));
    CHECK(checkSheet(sample.page, flagging, {.qr = other}).report.find("identity:differs") !=
          std::string::npos);
    CHECK(flagsOf(readSheet(sample.page, flagging, {.qr = sample.truth.qr}), flagging).empty());
}
