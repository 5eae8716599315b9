// Circles around bubbles, and prints that look a little like them. The pages are drawn here.
#include <cmath>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/sheets/load_template.h>
#include <sheafline/sheets/read_sheet.h>

#include "sample/canvas.h"
#include "sample/dice.h"
#include "sample/scan.h"

using namespace sheafline::sheets;

namespace {

constexpr double kRadius = 2.2;

std::string templateOf(int digits, const std::string& shape) {
    return "sheet: small\n"
           "page: {width: 210, height: 297}\n"
           "align:\n"
           "  fiducials: {side: 6, centres: [[12, 12], [198, 12], [198, 285], [12, 285]]}\n"
           "  orientation: {centre: [22, 12], side: 3}\n"
           "bubble: {radius: 2.2, shape: " +
           shape +
           "}\n"
           "fields:\n"
           "  - {name: id_, type: digits, count: " +
           std::to_string(digits) +
           ", origin: [30, 34], step: [6.2, 0], value_step: [0, 6]}\n"
           "  - {name: q, count: 8, first: 1, values: ABCD, origin: [30, 115], step: [0, 7.5],"
           " value_step: [7, 0]}\n";
}

struct Look {
    int dpi = 150;
    double wobble = 0;  // mm: each outline lies a little elsewhere
    double fading = 0;  // the share of an outline that has lost most of its toner
    double line = 0.3;  // mm
    double noise = 0;
    int threshold = 0;  // grey level of a scan in black and white
};

// The marks of a page: "full", "circle" or nothing for each bubble of each field.
using Marks = std::vector<std::vector<std::string>>;

Marks unmarked(const Template& sheet) {
    Marks marks;
    for (const Field& field : sheet.fields) marks.emplace_back(field.bubbles.size());
    return marks;
}

void drawOutline(Canvas& canvas, Millimetres at, BubbleShape shape, const Look& look, Dice& dice) {
    constexpr int kPieces = 48;
    constexpr int kSquarePieces = kPieces / 4;
    const auto placeOf = [&](int piece) -> Millimetres {
        if (shape == BubbleShape::circle) {
            const double angle = 6.283185307179586 * piece / kPieces;
            return {.x = at.x + kRadius * std::cos(angle), .y = at.y + kRadius * std::sin(angle)};
        }
        const double along = kRadius * (2.0 * (piece % kSquarePieces) / kSquarePieces - 1);
        switch (piece / kSquarePieces % 4) {
            case 0:
                return {.x = at.x + along, .y = at.y - kRadius};
            case 1:
                return {.x = at.x + kRadius, .y = at.y + along};
            case 2:
                return {.x = at.x - along, .y = at.y + kRadius};
            default:
                return {.x = at.x - kRadius, .y = at.y - along};
        }
    };
    for (int piece = 0; piece < kPieces; ++piece)
        canvas.stroke(placeOf(piece), placeOf(piece + 1), look.line,
                      dice.chance(look.fading) ? 190 : 60);
}

GreyImage drawPage(const Template& sheet, const Marks& marks, const Look& look, Dice& dice) {
    GreyImage page = blankImage(static_cast<int>(std::lround(210 * look.dpi / 25.4)),
                                static_cast<int>(std::lround(297 * look.dpi / 25.4)), look.dpi);
    Canvas canvas(page);
    for (const auto& [x, y] : {Millimetres{12, 12}, {198, 12}, {198, 285}, {12, 285}})
        canvas.rectangle({x - 3, y - 3}, 6, 6, 15);
    canvas.rectangle({20.5, 10.5}, 3, 3, 15);
    for (std::size_t f = 0; f < sheet.fields.size(); ++f) {
        const Field& field = sheet.fields[f];
        for (std::size_t b = 0; b < field.bubbles.size(); ++b) {
            const auto [x, y] = field.bubbles[b].centre;
            drawOutline(
                canvas,
                {.x = x + look.wobble * dice.normal(), .y = y + look.wobble * dice.normal()},
                field.shape, look, dice);
            if (marks[f][b] == "full") canvas.disc({x, y}, 0.9 * kRadius, 50);
            if (marks[f][b] == "circle")
                canvas.ring({x + 0.1 * dice.normal(), y + 0.1 * dice.normal()},
                            dice.between(1.2, 1.45) * kRadius, 0.5, 60);
        }
    }
    GreyImage image = scan(page, {.turn_degrees = 0.4, .noise = look.noise}, dice);
    if (look.threshold > 0)
        for (auto& pixel : image.pixels) pixel = pixel >= look.threshold ? 255 : 0;
    return image;
}

int countOf(const SheetReading& reading, FieldFlag flag) {
    int count = 0;
    for (const auto& column : reading.columns) count += column.flag == flag ? 1 : 0;
    return count;
}

const std::vector<Look> kPoorPrints{
    {.dpi = 100, .wobble = 0.12, .fading = 0.25, .noise = 25},
    {.dpi = 150, .wobble = 0.1, .fading = 0.1, .line = 0.4, .noise = 20},
    {.dpi = 200, .wobble = 0.12, .fading = 0.2, .line = 0.5, .noise = 15},
    {.dpi = 200, .wobble = 0.1, .line = 0.5, .noise = 15, .threshold = 150},
};

}  // namespace

TEST_CASE("a small grid of digits in poor print is not taken for circled") {
    for (const Look& look : kPoorPrints) {
        for (int digits = 1; digits <= 5; ++digits) {
            INFO("digits " << digits << ", dpi " << look.dpi << ", line " << look.line);
            const Template sheet = parseTemplate(templateOf(digits, "circle"), "t.yaml");
            Dice dice(7, static_cast<std::uint64_t>(digits));
            Marks marks = unmarked(sheet);
            for (auto& field : marks)
                field[static_cast<std::size_t>(dice.below(static_cast<int>(field.size())))] =
                    "full";
            const auto reading = readSheet(drawPage(sheet, marks, look, dice), sheet);
            CHECK(countOf(reading, FieldFlag::circled) == 0);
            for (std::size_t f = 0; f < marks.size(); ++f) {
                const auto mark = std::ranges::find(marks[f], "full") - marks[f].begin();
                CHECK(reading.fields[f].marked[static_cast<std::size_t>(mark)]);
            }
        }
    }
}

TEST_CASE("a circled digit is flagged however few digits a number has") {
    for (int digits = 1; digits <= 5; ++digits) {
        INFO("digits " << digits);
        const Template sheet = parseTemplate(templateOf(digits, "circle"), "t.yaml");
        Dice dice(11, static_cast<std::uint64_t>(digits));
        Marks marks = unmarked(sheet);
        for (std::size_t f = 0; f < marks.size(); ++f) marks[f][f % marks[f].size()] = "circle";
        const auto reading =
            readSheet(drawPage(sheet, marks, {.wobble = 0.05, .noise = 10}, dice), sheet);
        CHECK(countOf(reading, FieldFlag::circled) == static_cast<int>(marks.size()));
    }
}

TEST_CASE("a circle that touches the sides of a square is seen in its corners") {
    const Template sheet = parseTemplate(templateOf(3, "square"), "t.yaml");
    for (const Look& look : {Look{.dpi = 300, .noise = 4}, Look{.line = 0.6, .noise = 4},
                             Look{.line = 0.6, .threshold = 150}}) {
        INFO("dpi " << look.dpi << ", threshold " << look.threshold);
        Dice dice(13);
        Marks marks = unmarked(sheet);
        for (auto& field : marks) field[1] = "full";
        for (const std::size_t question : {4U, 6U, 9U}) marks[question] = {"", "", "circle", ""};
        const auto reading = readSheet(drawPage(sheet, marks, look, dice), sheet);
        CHECK(countOf(reading, FieldFlag::circled) == 3);
        CHECK(countOf(reading, FieldFlag::ok) == 8);
    }
}

TEST_CASE("circles around nearly all bubbles of one value are not taken for its print") {
    const Template sheet = parseTemplate(templateOf(1, "circle"), "t.yaml");
    Dice dice(17);
    Marks marks = unmarked(sheet);
    for (std::size_t f = 1; f < marks.size(); ++f) marks[f][1] = "circle";
    const auto reading = readSheet(drawPage(sheet, marks, {.noise = 6}, dice), sheet);
    CHECK(countOf(reading, FieldFlag::circled) == 8);
}
