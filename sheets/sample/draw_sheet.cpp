#include "sample/draw_sheet.h"

#include <cmath>

#include "codes/code_matrix.h"

namespace sheafline::sheets {

namespace {

constexpr int kPrint = 25;
constexpr int kFinePrint = 140;  // rings and letters inside bubbles: not to be taken for marks

Millimetres bubble(const SampleField& field, int value) {
    return {.x = field.first.x + value * field.step.x, .y = field.first.y + value * field.step.y};
}

void drawField(Canvas& canvas, const SampleField& field) {
    for (int value = 0; value < static_cast<int>(field.values.size()); ++value) {
        const Millimetres centre = bubble(field, value);
        canvas.ring(centre, field.radius, 0.2, kFinePrint - 40);
        const double height = field.radius * 0.8;
        canvas.text({.x = centre.x - height * 5 / 14, .y = centre.y - height / 2}, height,
                    field.values.substr(static_cast<std::size_t>(value), 1), kFinePrint);
    }
}

void drawCode(Canvas& canvas, const SampleLayout& layout, const std::string& text) {
    const CodeMatrix code(text);
    const double module = layout.qr_side / (code.side() + 2 * kQuietZone);
    for (const CodeRun& run : code.darkRuns()) {
        canvas.rectangle({.x = layout.qr_corner.x + (kQuietZone + run.x) * module,
                          .y = layout.qr_corner.y + (kQuietZone + run.y) * module},
                         run.length * module, module, kPrint);
    }
}

void spoilCode(Canvas& canvas, const SampleLayout& layout, Dice& dice) {
    const double side = layout.qr_side;
    for (int i = 0; i < 14; ++i) {
        const double from_y = layout.qr_corner.y + side * (i + 0.5) / 14;
        canvas.stroke({.x = layout.qr_corner.x - 1, .y = from_y},
                      {.x = layout.qr_corner.x + side + 1, .y = from_y + dice.between(-3, 3)}, 1.2,
                      30);
    }
}

}  // namespace

GreyImage drawBlankSheet(const SampleLayout& layout, int dpi) {
    const auto pixels = [dpi](double mm) { return static_cast<int>(std::lround(mm * dpi / 25.4)); };
    const double resolution = dpi;
    GreyImage page = blankImage(pixels(layout.width), pixels(layout.height), resolution);
    page.pixels.assign(page.pixels.size(), kPaper);
    Canvas canvas(page);
    const auto square = [&](Millimetres centre, double side) {
        canvas.rectangle({.x = centre.x - side / 2, .y = centre.y - side / 2}, side, side, kPrint);
    };
    for (const auto& centre : layout.fiducials) square(centre, layout.fiducial_side);
    square(layout.orientation_mark, layout.orientation_side);

    canvas.text({.x = 24, .y = 21}, 3.2, "STUDENT NUMBER", kPrint);
    canvas.rectangle({.x = 80, .y = 60}, 76, 0.25, kPrint);
    canvas.text({.x = 80, .y = 62}, 2, "NAME", kPrint);
    canvas.text({.x = 80, .y = 74}, 2, "FILL ONE BUBBLE FOR EACH QUESTION", kPrint);
    for (const auto& digit : layout.student) drawField(canvas, digit);
    for (const auto& question : layout.questions) {
        drawField(canvas, question);
        const std::string number = question.name.substr(question.name.find_first_of("0123456789"));
        canvas.text({.x = question.first.x - 9, .y = question.first.y - 1.2}, 2.4, number, kPrint);
    }
    return page;
}

GreyImage drawSheet(const SampleLayout& layout, const GreyImage& blank, const FilledSheet& sheet,
                    Dice& dice) {
    GreyImage page = blank;
    Canvas canvas(page);
    canvas.text({.x = 80, .y = 34}, 5, sheet.title, kPrint);
    if (!sheet.code.empty()) drawCode(canvas, layout, sheet.code);
    if (sheet.spoiled) spoilCode(canvas, layout, dice);
    const auto drawMarks = [&](const std::vector<SampleField>& fields,
                               const std::vector<std::vector<Mark>>& marks) {
        for (std::size_t i = 0; i < marks.size(); ++i) {
            for (const auto& mark : marks[i]) {
                drawMark(canvas, bubble(fields[i], mark.value), fields[i].radius, mark.kind,
                         sheet.pen, dice);
            }
        }
    };
    drawMarks(layout.student, sheet.student);
    drawMarks(layout.questions, sheet.questions);
    return page;
}

}  // namespace sheafline::sheets
