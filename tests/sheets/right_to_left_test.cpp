// Forms in Arabic or Hebrew: values run from right to left.
#include <algorithm>
#include <string>

#include <catch2/catch.hpp>

#include <sheafline/error.h>
#include <sheafline/sheets/load_template.h>
#include <sheafline/sheets/new_template.h>
#include <sheafline/sheets/read_image.h>
#include <sheafline/sheets/read_sheet.h>

#include "sample/canvas.h"

using namespace sheafline::sheets;

namespace {

const std::string kPage = R"(
sheet: rtl
page: {width: 100, height: 100}
align:
  fiducials: {side: 4, centres: [[6, 6], [94, 6], [94, 94], [6, 94]]}
  orientation: {centre: [14, 6], side: 2}
bubble: {radius: 2}
)";

const std::string kRightToLeft = kPage + R"(
direction: rtl
fields:
  - {name: q, count: 6, values: [أ, ب, ج, د], origin: [70, 45], step: [0, 7], value_step: [7, 0]}
  - {name: id, type: digits, count: 4, values: "01", origin: [30, 20], step: [6, 0], value_step: [0, 6], join: true}
)";

// "30,20 30,26" for the bubbles of one field.
std::string placesOf(const Template& sheet, const std::string& name) {
    const auto field = std::ranges::find(sheet.fields, name, &Field::name);
    std::string places;
    for (const Bubble& bubble : field->bubbles) {
        if (!places.empty()) places += " ";
        places += bubble.value + "=" + std::to_string(static_cast<int>(bubble.centre.x)) + "," +
                  std::to_string(static_cast<int>(bubble.centre.y));
    }
    return places;
}

GreyImage printed(const Template& sheet) { return readImage(templatePreview(sheet)); }

void fill(GreyImage& page, const Template& sheet, const std::string& name,
          const std::string& value) {
    const auto field = std::ranges::find(sheet.fields, name, &Field::name);
    const auto bubble = std::ranges::find(field->bubbles, value, &Bubble::value);
    GreyImage scaled = page;
    scaled.dpi = page.width / sheet.width * 25.4;
    Canvas(scaled).disc({bubble->centre.x, bubble->centre.y}, 0.9 * field->half_width, 40);
    page.pixels = scaled.pixels;
}

std::string errorOf(const std::string& text) {
    try {
        parseTemplate(text, "t.yaml");
        return "accepted";
    } catch (const sheafline::ConfigError& error) {
        return error.what();
    }
}

}  // namespace

TEST_CASE("values run from right to left where the template or the field says so") {
    const Template sheet = parseTemplate(kRightToLeft, "t.yaml");
    CHECK(placesOf(sheet, "q2") == "أ=70,52 ب=63,52 ج=56,52 د=49,52");
    const Template across = parseTemplate(kPage + R"(
fields:
  - {name: q, count: 3, values: AB, origin: [80, 30], step: [9, 0], value_step: [0, 7], direction: rtl}
  - {name: r, count: 3, values: AB, origin: [20, 60], step: [9, 0], value_step: [0, 7]}
)",
                                          "t.yaml");
    CHECK(placesOf(across, "q3") == "A=62,30 B=62,37");
    CHECK(placesOf(across, "r3") == "A=38,60 B=38,67");
    const Template mixed = parseTemplate(kPage + R"(
direction: rtl
fields: [{name: q, values: AB, origin: [20, 30], value_step: [9, 0], direction: ltr}]
)",
                                         "t.yaml");
    CHECK(placesOf(mixed, "q") == "A=20,30 B=29,30");
}

TEST_CASE("the digits of a number keep their order from left to right") {
    const Template sheet = parseTemplate(kRightToLeft, "t.yaml");
    CHECK(placesOf(sheet, "id.4") == "0=48,20 1=48,26");
    const Template rows = parseTemplate(kPage + R"(
direction: rtl
fields: [{name: id, type: digits, count: 2, origin: [80, 30], step: [0, 7], value_step: [6, 0]}]
)",
                                        "t.yaml");
    CHECK_THAT(placesOf(rows, "id2"), Catch::StartsWith("0=80,37 1=74,37"));
}

TEST_CASE("a filled form that runs from right to left is read") {
    const Template sheet = parseTemplate(kRightToLeft, "t.yaml");
    GreyImage page = printed(sheet);
    fill(page, sheet, "q1", "أ");
    fill(page, sheet, "q4", "د");
    for (int digit = 1; digit <= 4; ++digit)
        fill(page, sheet, "id." + std::to_string(digit), digit == 1 ? "1" : "0");
    const SheetReading reading = readSheet(page, sheet);
    CHECK(flagsOf(reading, sheet).empty());
    CHECK(reading.columns[0].value == "أ");
    CHECK(reading.columns[3].value == "د");
    CHECK(reading.columns.back().value == "1000");
}

TEST_CASE("the number of a question is printed to the right of values that run to the left") {
    for (const std::string field :
         {"[{name: q, count: 8, values: ABCD, origin: [70, 25], step: [0, 7], value_step: [-7, "
          "0]}]",
          "[{name: q, count: 8, values: ABCD, origin: [70, 25], step: [0, 7], value_step: [7, 0],"
          " direction: rtl}]"}) {
        INFO(field);
        const Template sheet = parseTemplate(kPage + "fields: " + field + "\n", "t.yaml");
        const GreyImage page = printed(sheet);
        const auto darkest = [&](double left, double right) {
            int found = 255;
            const double scale = page.width / sheet.width;
            for (int y = static_cast<int>(22 * scale); y < 76 * scale; ++y) {
                for (int x = static_cast<int>(left * scale); x < right * scale; ++x)
                    found = std::min<int>(found, page.at(x, y));
            }
            return found;
        };
        CHECK(darkest(73, 76) < 100);      // right of the first bubbles
        CHECK(darkest(65.5, 67.5) > 200);  // between the first and the second ones
        CHECK(flagsOf(readSheet(page, sheet), sheet).empty());
    }
}

TEST_CASE("a new template from right to left begins at the right, and its print is read") {
    for (const int columns : {0, 2, 3}) {
        const Template sheet = parseTemplate(
            newTemplate({.questions = 45, .columns = columns, .right_to_left = true}), "t.yaml");
        const auto first = std::ranges::find(sheet.fields, "q1", &Field::name);
        const auto last = std::ranges::find(sheet.fields, "q45", &Field::name);
        CHECK(first->bubbles[0].centre.x > sheet.width / 2);
        CHECK(first->bubbles[0].centre.x > first->bubbles[1].centre.x);
        CHECK(last->bubbles[0].centre.x <= first->bubbles[0].centre.x);
        GreyImage page = printed(sheet);
        fill(page, sheet, "q1", "E");
        fill(page, sheet, "q45", "A");
        const SheetReading reading = readSheet(page, sheet);
        CHECK(reading.columns[1].value == "E");
        CHECK(reading.columns[45].value == "A");
    }
}

TEST_CASE("a direction that contradicts the distances is rejected with its place") {
    CHECK_THAT(errorOf(kPage + "fields: [{name: q, values: AB, origin: [60, 30], value_step: [-7, "
                               "0], direction: rtl}]\n"),
               Catch::Contains("with direction: rtl, value_step leads to the left without a sign"));
    CHECK_THAT(errorOf(kPage + "fields: [{name: q, values: AB, points: [[60, 30], [50, 30]], "
                               "direction: rtl}]\n"),
               Catch::Contains("points have no direction"));
    CHECK_THAT(errorOf(kPage + "direction: left\nfields: [{name: q, values: AB, origin: [60, 30], "
                               "value_step: [7, 0]}]\n"),
               Catch::Contains("direction") && Catch::Contains("rtl"));
}
