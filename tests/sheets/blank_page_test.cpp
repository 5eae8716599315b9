// Blank backs as scanners deliver them, and pages that only look blank.
#include <functional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/sheets/blank_page.h>

#include "sample/canvas.h"
#include "sample/dice.h"
#include "sample/draw_sheet.h"
#include "sample/sample_layout.h"
#include "sample/scan.h"

using namespace sheafline::sheets;

namespace {

constexpr double kWidth = 210;
constexpr double kHeight = 297;

struct Paper {
    int level = 245;
    double noise = 4;
    double shade = 0;
    double shine = 0;  // darkness of what shines through from a printed front
};

using Drawing = std::function<void(Canvas&)>;

// The front as it is seen from behind: mirrored, soft and pale.
void shineThrough(GreyImage& page, double darkness) {
    const SampleLayout layout = demoLayout();
    Dice dice(5);
    FilledSheet sheet;
    sheet.student.resize(layout.student.size());
    sheet.questions.resize(layout.questions.size(), {Mark{.value = 2}});
    const GreyImage blank = drawBlankSheet(layout, static_cast<int>(page.dpi));
    const GreyImage front =
        scan(drawSheet(layout, blank, sheet, dice), {.blur = 0.25 * page.dpi / 25.4}, dice);
    for (int y = 0; y < page.height; ++y) {
        for (int x = 0; x < page.width; ++x) {
            std::uint8_t& pixel = page.row(y)[static_cast<std::size_t>(x)];
            const double ink =
                1 -
                front.at(std::max(0, front.width - 1 - x), std::min(y, front.height - 1)) / 255.0;
            pixel = static_cast<std::uint8_t>(pixel * (1 - darkness * ink));
        }
    }
}

GreyImage pageWith(int dpi, const Paper& paper, const Drawing& draw) {
    const auto pixels = [&](double length) { return static_cast<int>(length * dpi / 25.4); };
    GreyImage page = blankImage(pixels(kWidth), pixels(kHeight), dpi);
    for (auto& pixel : page.pixels) pixel = static_cast<std::uint8_t>(paper.level);
    if (paper.shine > 0) shineThrough(page, paper.shine);
    Canvas canvas(page);
    if (draw) draw(canvas);
    Dice dice(11);
    return scan(
        page, {.background = paper.level, .shade = paper.shade, .blur = 0.6, .noise = paper.noise},
        dice);
}

void drawNothing(Canvas& /*unused*/) {}

void drawHoles(Canvas& canvas) {
    for (const double y : {108.5, 188.5}) canvas.disc({12, y}, 3, 40);
}

void drawEdges(Canvas& canvas) {
    canvas.rectangle({0, 0}, 4, kHeight, 20);
    for (int i = 0; i < 80; ++i) canvas.rectangle({0, 0.1 * i}, kWidth - 2.5 * i, 0.1, 30);
}

Drawing strokes(int ink, int count, double width = 0.5) {
    return [=](Canvas& canvas) {
        for (int i = 0; i < count; ++i) {
            const double x = 40 + 11 * (i % 12);
            const double y = 60 + 9.5 * (i / 12) + 0.3 * (i % 5);
            canvas.stroke({x, y}, {x + 2, y + 3}, width, ink);
            canvas.stroke({x + 2, y + 3}, {x + 5, y - 2}, width, ink);
        }
    };
}

struct Case {
    std::string name;
    Paper paper{};
    Drawing draw = drawNothing;
};

}  // namespace

TEST_CASE("a blank back is recognized with everything that paper and scanner add to it") {
    const std::vector<Case> cases{
        {"white", {}},
        {"grey paper", {.level = 180, .noise = 6}},
        {"shaded", {.shade = 0.25}},
        {"show-through", {.shine = 0.06}},
        {"strong show-through", {.shine = 0.09}},
        {"punch holes", {}, drawHoles},
        {"four pale holes",
         {},
         [](Canvas& canvas) {
             for (const double y : {28.5, 108.5, 188.5, 268.5}) canvas.disc({12, y}, 3, 170);
         }},
        {"a staple",
         {},
         [](Canvas& canvas) {
             canvas.stroke({10, 12}, {18, 20}, 0.6, 90);
         }},
        {"the shadow of a staple",
         {},
         [](Canvas& canvas) {
             canvas.stroke({190, 10}, {202, 10}, 1.6, 170);
         }},
        {"edges of the scanner", {}, drawEdges},
        {"the edge of turned paper",
         {},
         [](Canvas& canvas) {
             canvas.stroke({2, 0}, {6, kHeight}, 0.5, 160);
         }},
        {"dust",
         {},
         [](Canvas& canvas) {
             for (int i = 0; i < 40; ++i)
                 canvas.disc({20.0 + 37 * i % 170, 15.0 + 53 * i % 260}, 0.15, 60);
         }},
        {"a streak",
         {},
         [](Canvas& canvas) {
             canvas.rectangle({90, 0}, 0.3, kHeight, 150);
         }},
        {"all at once",
         {.level = 225, .shine = 0.05},
         [](Canvas& canvas) {
             drawEdges(canvas);
             canvas.stroke({22, 14}, {30, 22}, 0.6, 90);
         }},
    };
    for (const int dpi : {100, 150, 300}) {
        for (const Case& each : cases) {
            INFO(each.name << " at " << dpi << " dpi");
            CHECK(isBlankPage(pageWith(dpi, each.paper, each.draw)));
        }
    }
}

TEST_CASE("a page with anything that a person wrote or printed is not blank") {
    const std::vector<Case> cases{
        {"pale pencil", {}, strokes(205, 20)},
        {"few strokes of a pale pencil", {}, strokes(200, 3)},
        {"one tick", {}, strokes(120, 1)},
        {"pencil on grey paper", {.level = 180, .noise = 6}, strokes(140, 4)},
        {"pencil over show-through", {.shine = 0.06}, strokes(195, 3)},
        {"marks without their form",
         {},
         [](Canvas& canvas) {
             for (int i = 0; i < 3; ++i) canvas.disc({60 + 20.0 * i, 100}, 1.6, 195);
         }},
        {"one disc in the margin",
         {},
         [](Canvas& canvas) {
             canvas.disc({12, 108.5}, 3, 40);
         }},
        {"two words in a corner",
         {},
         [](Canvas& canvas) {
             canvas.text({15, 15}, 3, "MIA B", 150);
         }},
        {"a line at the edge",
         {},
         [](Canvas& canvas) {
             canvas.stroke({100, 0}, {103, 12}, 0.5, 120);
         }},
        {"a pale code that nobody can read",
         {},
         [](Canvas& canvas) {
             for (int i = 0; i < 300; ++i)
                 canvas.rectangle({166.0 + i * 7 % 25, 22.0 + i * 11 % 25}, 1, 1, 215);
         }},
        {"a page without light", {.level = 60, .noise = 2}},
        {"noise that hides a pencil", {.level = 200, .noise = 40}},
    };
    for (const int dpi : {100, 150, 300}) {
        for (const Case& each : cases) {
            INFO(each.name << " at " << dpi << " dpi");
            CHECK_FALSE(isBlankPage(pageWith(dpi, each.paper, each.draw)));
        }
    }
}
