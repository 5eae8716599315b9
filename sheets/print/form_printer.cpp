#include "print/form_printer.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include <sheafline/error.h>
#include <sheafline/utf8.h>

#include "codes/code_matrix.h"

namespace sheafline::sheets {

namespace {

constexpr double kOutline = 0.18;     // width of a bubble's line, mm
constexpr double kOutlineInk = 0.42;  // darker than the letters, which are not to look like marks
constexpr double kLetterInk = 0.55;
constexpr double kLabelGap = 1.4;      // between a label and the outline, mm
constexpr double kLeastModule = 0.35;  // of a code: 1.4 pixels at 100 dpi, 2 at 150
constexpr double kWriteGap = 3.2;      // a line nearer to a bubble looks like a pen around it
constexpr double kMargin = 6;

bool isAcross(const Field& field) {
    if (field.bubbles.size() < 2) return true;
    const Point from = field.bubbles[0].centre;
    const Point to = field.bubbles[1].centre;
    return std::abs(to.x - from.x) >= std::abs(to.y - from.y);
}

// Values that run from right to left begin at the right, and so does the question.
bool runsLeft(const Field& field) {
    return field.bubbles.size() > 1 && isAcross(field) &&
           field.bubbles[1].centre.x < field.bubbles[0].centre.x;
}

// "12" of q12, and the whole name of a field without a number.
std::string labelOf(const std::string& name) {
    const std::size_t last = name.find_last_not_of("0123456789");
    return last == std::string::npos || last + 1 == name.size() ? name : name.substr(last + 1);
}

double labelHeight(const Field& field) { return std::min(2.2, field.half_height * 1.1); }

bool isJoined(const Template& sheet, std::size_t field) {
    return std::ranges::any_of(sheet.output, [&](const OutputColumn& column) {
        return column.fields.size() > 1 &&
               std::ranges::find(column.fields, field) != column.fields.end();
    });
}

void drawOutline(Drawing& page, const Field& field, Point centre) {
    // The line lies inside the bubble: what is dark around a bubble looks like a pen.
    const double wide = field.half_width - kOutline / 2;
    const double high = field.half_height - kOutline / 2;
    switch (field.shape) {
        case BubbleShape::circle:
        case BubbleShape::oval:
            page.ellipse(centre, wide, high, kOutline);
            return;
        case BubbleShape::square:
            page.frame(centre.x - wide, centre.y - high, 2 * wide, 2 * high, kOutline);
            return;
        case BubbleShape::bracket:
            break;
    }
    for (const double side : {-1.0, 1.0}) {
        const double x = centre.x + side * wide;
        page.line({.x = x, .y = centre.y - high}, {.x = x, .y = centre.y + high}, kOutline);
        for (const double end : {-1.0, 1.0})
            page.line({.x = x, .y = centre.y + end * high},
                      {.x = centre.x + side * wide * 0.7, .y = centre.y + end * high}, kOutline);
    }
}

void drawBubble(Drawing& page, const Field& field, const Bubble& bubble, bool outlined) {
    if (outlined) {
        page.ink(kOutlineInk);
        drawOutline(page, field, bubble.centre);
    }
    page.ink(kLetterInk);
    double height = std::min(field.half_height, field.half_width) * 0.85;
    const double width = page.widthOf(bubble.value, height);
    if (width > field.half_width * 1.3) height *= field.half_width * 1.3 / width;
    page.text({.x = bubble.centre.x, .y = bubble.centre.y + height / 2}, height, bubble.value,
              Face::plain, Align::middle);
}

// A form whose pages are told by a bubble has it filled already.
void fillPageNumber(Drawing& page, const Template& sheet, const Field& field) {
    for (const Bubble& bubble : field.bubbles) {
        if (bubble.value != std::to_string(sheet.page)) continue;
        page.ink(0);
        page.disc(bubble.centre, std::min(field.half_width, field.half_height) * 0.9);
    }
}

void drawLabel(Drawing& page, const Template& sheet, std::size_t index) {
    const Field& field = sheet.fields[index];
    if (field.bubbles.empty()) return;
    const Point first = field.bubbles.front().centre;
    page.ink(0);
    if (isAcross(field)) {
        const double height = labelHeight(field);
        const double beside = field.half_width + kLabelGap;
        const double x = runsLeft(field) ? first.x + beside : first.x - beside;
        page.text({.x = x, .y = first.y + height / 2}, height, labelOf(field.name), Face::plain,
                  runsLeft(field) ? Align::left : Align::right);
    } else if (!isJoined(sheet, index)) {
        page.text({.x = first.x, .y = first.y - field.half_height - kLabelGap}, 1.8,
                  labelOf(field.name), Face::plain, Align::middle);
    }
}

// A joined column has its name above its first field, and a line for each digit to write it.
void drawColumnHead(Drawing& page, const Template& sheet, const OutputColumn& column) {
    if (column.fields.size() < 2) return;
    const Field& first = sheet.fields[column.fields.front()];
    if (first.bubbles.empty() || isAcross(first)) return;
    page.ink(0);
    const Point top = first.bubbles.front().centre;
    double line = top.y - first.half_height - kWriteGap;
    for (const std::size_t index : column.fields) {
        const Field& field = sheet.fields[index];
        const Point at = field.bubbles.front().centre;
        page.line({.x = at.x - field.half_width * 0.9, .y = line},
                  {.x = at.x + field.half_width * 0.9, .y = line}, 0.2);
    }
    page.text({.x = top.x - first.half_width, .y = line - 5.6}, 2, column.name, Face::bold);
}

void drawFiducials(Drawing& page, const PageAlignment& align) {
    page.ink(0);
    for (std::size_t i = 0; i < align.centres.size(); ++i) {
        const Point at = align.centres[i];
        if (align.by == AlignBy::image) {
            const double height =
                align.side * align.picture.height / std::max(1, align.picture.width);
            page.picture(align.picture, at.x - align.side / 2, at.y - height / 2, align.side,
                         height);
        } else if (align.by != AlignBy::fiducials) {
            return;  // the corners of the paper
        } else if (align.shape == FiducialShape::square) {
            page.rectangle(at.x - align.side / 2, at.y - align.side / 2, align.side, align.side);
        } else if (align.shape == FiducialShape::circle) {
            page.disc(at, align.side / 2);
        } else {
            // The lines run from the corner toward the middle of the page.
            const double right = i == 0 || i == 3 ? 1 : -1;
            const double down = i < 2 ? 1 : -1;
            const double half = align.line / 2;
            page.rectangle(std::min(at.x - right * half, at.x + right * align.side), at.y - half,
                           align.side + half, align.line);
            page.rectangle(at.x - half, std::min(at.y - down * half, at.y + down * align.side),
                           align.line, align.side + half);
        }
    }
}

CodeMatrix matrixOf(const std::string& text) {
    try {
        return CodeMatrix(text);
    } catch (const std::runtime_error& error) {
        throw ConfigError(std::string(error.what()) + "; shorten the pattern of the code");
    }
}

}  // namespace

FreeSpace spaceOf(const Template& sheet) {
    FreeSpace space(sheet.width, sheet.height, kMargin);
    for (const Point& at : sheet.align.centres) {
        if (sheet.align.by == AlignBy::fiducials || sheet.align.by == AlignBy::image)
            space.use({.x = at.x, .y = at.y}, sheet.align.side * 1.2);
    }
    if (sheet.align.orientation)
        space.use({.x = sheet.align.orientation->centre.x, .y = sheet.align.orientation->centre.y},
                  sheet.align.orientation->side * 1.2);
    if (sheet.qr) space.use({sheet.qr->x, sheet.qr->y, sheet.qr->side, sheet.qr->side}, 1);
    for (std::size_t i = 0; i < sheet.fields.size(); ++i) {
        const Field& field = sheet.fields[i];
        for (const Bubble& bubble : field.bubbles)
            space.use({bubble.centre.x - field.half_width, bubble.centre.y - field.half_height,
                       2 * field.half_width, 2 * field.half_height},
                      2);
        if (field.bubbles.empty()) continue;
        const Point first = field.bubbles.front().centre;
        const double label =
            isAcross(field) ? 2.0 * static_cast<double>(labelOf(field.name).size()) : 0;
        const double above = isAcross(field) ? 0 : isJoined(sheet, i) ? 12 : 5;
        const double left = runsLeft(field) ? first.x : first.x - field.half_width - label;
        space.use({left, first.y - field.half_height - above, label + field.half_width,
                   above + field.half_height},
                  1.5);
    }
    return space;
}

void drawForm(Drawing& page, const Template& sheet) {
    drawFiducials(page, sheet.align);
    if (const auto& mark = sheet.align.orientation)
        page.rectangle(mark->centre.x - mark->side / 2, mark->centre.y - mark->side / 2, mark->side,
                       mark->side);
    for (std::size_t i = 0; i < sheet.fields.size(); ++i) {
        for (const Bubble& bubble : sheet.fields[i].bubbles)
            drawBubble(page, sheet.fields[i], bubble, sheet.align.outlined);
        if (sheet.page > 0 && sheet.fields[i].name == sheet.page_field)
            fillPageNumber(page, sheet, sheet.fields[i]);
        drawLabel(page, sheet, i);
    }
    for (const OutputColumn& column : sheet.output) drawColumnHead(page, sheet, column);
}

void drawCode(Drawing& page, const QrBox& box, const std::string& text) {
    const CodeMatrix code = matrixOf(text);
    const double module = box.side / (code.side() + 2 * kQuietZone);
    if (module < kLeastModule)
        throw ConfigError("the code '" + text + "' has modules of " +
                          std::to_string(static_cast<int>(std::lround(module * 1000))) +
                          " µm, too fine for a scanner; shorten the pattern of the code or "
                          "enlarge qr.box in the template");
    page.ink(0);
    for (const CodeRun& run : code.darkRuns())
        page.rectangle(box.x + (kQuietZone + run.x) * module, box.y + (kQuietZone + run.y) * module,
                       run.length * module, module);
}

}  // namespace sheafline::sheets
