// Forms and habits for which the reader was not made: whatever a person would doubt is flagged, and
// nothing is read wrong without a flag.
#include <string>

#include <catch2/catch.hpp>

#include <sheafline/sheets/load_template.h>
#include <sheafline/sheets/read_image.h>
#include <sheafline/sheets/read_sheet.h>

#include "marks/judge_field.h"

using namespace sheafline::sheets;

namespace {

const std::string kData = SHEAFLINE_SOURCE_DIR "/tests/data/sheets/";

const std::string kForty = R"(
sheet: forty
page: {width: 210, height: 297}
align:
  fiducials: {shape: square, side: 6, centres: [[12, 12], [198, 12], [198, 285], [12, 285]]}
  orientation: {centre: [22, 12], side: 3}
bubble: {radius: 2.3}
fields:
  - {name: q, count: 40, first: 1, values: ABCDE, step: [0, 9], value_step: [8, 0],
     columns: [{origin: [40, 60], count: 20}, {origin: [115, 60], count: 20}]}
)";

Template demoTemplate() {
    return loadTemplate(SHEAFLINE_SOURCE_DIR "/pipelines/templates/demo-sheet.yaml");
}

SheetReading readFile(const std::string& file, const Template& sheet,
                      const ReadSheetOptions& options = {}) {
    return readSheet(readImage(readBytes(kData + file)), sheet, options);
}

// The answers in order, "-" for none, and the flags that occur.
std::string answersOf(const SheetReading& reading) {
    std::string answers;
    std::string flags;
    for (const auto& column : reading.columns) {
        answers += column.value.empty() ? "-" : column.value;
        const std::string flag(toString(column.flag));
        if (flags.find(flag) == std::string::npos) flags += " " + flag;
    }
    return answers + flags;
}

std::string repeated(const std::string& text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
}

FieldReading judged(const std::vector<Trace>& traces, bool filled_cancels) {
    Field field{.name = "q"};
    for (std::size_t i = 0; i < traces.size(); ++i)
        field.bubbles.push_back(
            {.centre = {}, .value = std::string(1, static_cast<char>('A' + i))});
    return judgeField(field, traces, {.noise = 0.02, .filled_cancels = filled_cancels});
}

constexpr Trace kEmpty{.fill = 0.0, .ink = 0.02};
constexpr Trace kCross{.fill = 0.35, .ink = 0.8, .core = 0.5};
constexpr Trace kFull{.fill = 0.8, .ink = 0.85, .core = 0.82};
constexpr Trace kCircled{.fill = 0.02, .ink = 0.3, .core = 0.0, .around = 1};

std::string said(const FieldReading& reading) {
    return reading.value + " " + std::string(toString(reading.flag));
}

}  // namespace

TEST_CASE("bold rings are paper: nothing is flagged and nothing is read from a blank") {
    const Template sheet = parseTemplate(kForty, "t.yaml");
    for (const std::string file : {"ring_l20_t1.jpg", "ring_l20_t3.jpg"}) {
        INFO(file);
        CHECK(answersOf(readFile(file, sheet)) == repeated("CEBDA", 6) + repeated("-", 10) + " ok");
    }
}

TEST_CASE("answers that are circled instead of filled are flagged, each with what was circled") {
    const Template sheet = parseTemplate(kForty, "t.yaml");
    CHECK(answersOf(readFile("all_circled.jpg", sheet)) == repeated("CEBDA", 8) + " circled");
}

TEST_CASE("a page that is bowed by more than 2 mm is read where its bubbles are") {
    const auto reading = readFile("bowed.jpg", demoTemplate());
    CHECK(answersOf(reading) ==
          "7811717"
          "BACEACDBBEBEECCADAAC"
          "CEDCBEDACDEBEECCBBEB"
          "BDBAEBEBBBCBEBAADEDD ok");
    CHECK_FALSE(reading.alignment.moves.empty());
}

TEST_CASE("a number with an empty digit keeps the places of the others") {
    const Template sheet = demoTemplate();
    const auto reading = readFile("blank_digit.jpg", sheet);
    CHECK(reading.columns[0].value == "78_1717");
    CHECK(reading.columns[0].flag != FieldFlag::ok);
    SECTION("the template chooses what is written instead") {
        Template other = sheet;
        other.placeholder = "?";
        CHECK(readFile("blank_digit.jpg", other).columns[0].value == "78?1717");
    }
    SECTION("the digits that were read must agree with the code") {
        CHECK_NOTHROW(readFile("blank_digit.jpg", sheet, {.qr = "MATH-5A/1/7811717"}));
        CHECK_THROWS_WITH(readFile("blank_digit.jpg", sheet, {.qr = "MATH-5A/1/7811718"}),
                          "unreadable: the bubbles say student 78_1717, the QR code says "
                          "MATH-5A/1/7811718");
    }
}

TEST_CASE("a filled bubble takes a cross back where the template says so") {
    CHECK(said(judged({kEmpty, kCross, kEmpty}, true)) == "B ok");
    CHECK(said(judged({kFull, kCross, kEmpty}, true)) == "B ok");
    CHECK(said(judged({kFull, kCross, kEmpty}, false)) == "AB multiple");
    CHECK(said(judged({kEmpty, kFull, kEmpty}, true)) == " erased");
    CHECK(said(judged({kCross, kCross, kEmpty}, true)) == "AB multiple");
}

TEST_CASE("a circle beside a firm mark is doubt, a circle around it is not") {
    CHECK(said(judged({kFull, kCircled, kEmpty}, false)) == "A circled");
    Trace both = kFull;
    both.around = 1;
    CHECK(said(judged({both, kEmpty, kEmpty}, false)) == "A ok");
    Trace half = kCircled;
    half.around = 0.5;
    CHECK(said(judged({kEmpty, half, kEmpty}, false)) == " circled");
}

TEST_CASE("a letter whose print is not known is no mark unless it is filled") {
    Trace letter{.fill = 0.18, .ink = 0.7, .core = 0.3};
    CHECK(said(judged({letter, kEmpty}, false)) == "A ok");
    letter.print_known = false;
    CHECK(judged({letter, kEmpty}, false).value.empty());
    Trace filled = kFull;
    filled.print_known = false;
    CHECK(said(judged({letter, filled}, false)) == "B ok");
}
