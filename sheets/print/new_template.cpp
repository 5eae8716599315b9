#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>
#include <vector>

#include <sheafline/error.h>
#include <sheafline/sheets/new_template.h>
#include <sheafline/text_pattern.h>

#include "overlay/colour_image.h"
#include "print/form_printer.h"
#include "print/preview_page.h"

namespace sheafline::sheets {

namespace {

constexpr double kFiducialAt = 12;  // from the edges of the page, mm
constexpr double kSide = 20;        // left and right of the questions
constexpr double kBottom = 24;
constexpr double kLabel = 9;  // room for the number of a question
constexpr double kGridTop = 36;
constexpr double kDigitStep = 6.2;
constexpr double kDigitValueStep = 5.4;

// From the most comfortable to the smallest that scanners read well.
struct Density {
    double step;
    double value_step;
    double radius;
};
constexpr std::array<Density, 4> kDensities{
    {{7, 7, 2.3}, {6.4, 6.4, 2.15}, {5.8, 5.8, 2}, {5.2, 5.4, 1.8}}};

struct Grid {
    Density density{};
    int columns = 0;
    int rows = 0;
};

class Layout {
 public:
    explicit Layout(const NewTemplateOptions& options)
        : options_(options),
          width_(options.letter ? 215.9 : 210),
          height_(options.letter ? 279.4 : 297),
          top_(options.student_digits > 0 ? 102 : 64) {}

    std::string yaml() const {
        const Grid grid = fitted();
        std::ostringstream out;
        out << "# Lengths are in millimeters, from the page's top left corner.\n"
            << "sheet: " << options_.name << "\npage: {width: " << width_ << ", height: " << height_
            << "}\nalign:\n  fiducials: {" << fiducials() << "}\n"
            << "  orientation: {centre: [24, 12], side: 3}\n"
            << "qr: {box: [" << width_ - 46 << ", 24, 26]}\n"
            << "bubble: " << bubble(grid.density.radius)
            << (options_.right_to_left ? "\ndirection: rtl" : "") << "\nfields:\n";
        if (options_.student_digits > 0)
            out << "  - {name: student, type: digits, count: " << options_.student_digits
                << ", values: \"0123456789\", origin: [26, " << kGridTop << "], step: ["
                << kDigitStep << ", 0], value_step: [0, " << kDigitValueStep
                << "], radius: 2.0, shape: circle, join: true}\n";
        out << "  - {name: q, type: choice, count: " << options_.questions << ", first: 1, values: "
            << std::string("ABCDEFGHIJ").substr(0, static_cast<std::size_t>(options_.choices))
            << ", columns: [" << columns(grid) << "],\n     step: [0, " << grid.density.step
            << "], value_step: [" << grid.density.value_step << ", 0]}\n";
        return out.str();
    }

 private:
    // The fewest columns, then the widest spacing.
    Grid fitted() const {
        for (const Density& density : kDensities) {
            const int most_rows = static_cast<int>((height_ - kBottom - top_) / density.step) + 1;
            const int least = (options_.questions + most_rows - 1) / most_rows;
            const int columns = options_.columns > 0 ? options_.columns : least;
            if (columns >= least && columns * columnWidth(density) <= width_ - 2 * kSide)
                return {.density = density,
                        .columns = columns,
                        .rows = (options_.questions + columns - 1) / columns};
        }
        throw ConfigError(std::to_string(options_.questions) + " questions with " +
                          std::to_string(options_.choices) + " choices do not fit" +
                          (options_.columns > 0
                               ? " into " + std::to_string(options_.columns) +
                                     " columns of the page; use another number of columns"
                               : std::string(" on the page; use fewer questions or choices")) +
                          ", or print several pages");
    }

    double columnWidth(const Density& density) const {
        const double wide = options_.bubbles == BubbleShape::oval ? 1.3 : 1;
        return kLabel + (options_.choices - 1) * density.value_step + 2 * density.radius * wide + 3;
    }

    std::string columns(const Grid& grid) const {
        std::ostringstream out;
        const double each = (width_ - 2 * kSide) / grid.columns;
        for (int column = 0, left = options_.questions; left > 0; ++column) {
            const int count = std::min(grid.rows, left);
            const double beside = kSide + column * each + kLabel + grid.density.radius;
            const double x = options_.right_to_left ? width_ - beside : beside;
            out << (column > 0 ? ", " : "") << "{origin: [" << std::round(x * 10) / 10 << ", "
                << top_ << "], count: " << count << "}";
            left -= count;
        }
        return out.str();
    }

    std::string fiducials() const {
        std::ostringstream out;
        switch (options_.fiducials) {
            case FiducialShape::square:
                out << "shape: square, side: 6";
                break;
            case FiducialShape::circle:
                out << "shape: circle, side: 7";
                break;
            case FiducialShape::corner:
                out << "shape: corner, side: 12, line: 1.5";
                break;
        }
        const double right = width_ - kFiducialAt;
        const double bottom = height_ - kFiducialAt;
        out << ", centres: [[12, 12], [" << right << ", 12], [" << right << ", " << bottom
            << "], [12, " << bottom << "]]";
        return out.str();
    }

    std::string bubble(double radius) const {
        std::ostringstream out;
        const auto oval = [&](double wide, double high, const char* shape) {
            out << "{width: " << 2 * radius * wide << ", height: " << 2 * radius * high
                << ", shape: " << shape << "}";
        };
        switch (options_.bubbles) {
            case BubbleShape::circle:
                out << "{radius: " << radius << "}";
                break;
            case BubbleShape::oval:
                oval(1.2, 0.85, "oval");
                break;
            case BubbleShape::square:
                oval(0.9, 0.9, "square");
                break;
            case BubbleShape::bracket:
                oval(1, 0.9, "bracket");
                break;
        }
        return out.str();
    }

    const NewTemplateOptions& options_;
    double width_;
    double height_;
    double top_;  // of the questions
};

void requireRange(int value, int least, int most, const std::string& what) {
    if (value < least || value > most)
        throw ConfigError(what + " must be " + std::to_string(least) + " to " +
                          std::to_string(most) + ", not " + std::to_string(value));
}

}  // namespace

std::string newTemplate(const NewTemplateOptions& options) {
    requireRange(options.questions, 1, kMostQuestions, "the number of questions");
    requireRange(options.choices, 2, kMostChoices, "the number of choices");
    requireRange(options.columns, 0, 10, "the number of columns");
    requireRange(options.student_digits, 0, kMostStudentDigits, "the number of student digits");
    if (!TextPattern("[A-Za-z][A-Za-z0-9_-]{0,59}", TextPattern::Scope::whole)
             .matches(options.name))
        throw ConfigError("the name '" + options.name +
                          "' must begin with a letter and have only letters, digits, - and _");
    return Layout(options).yaml();
}

std::vector<std::uint8_t> templatePreview(const Template& sheet) {
    constexpr int kDpi = 100;
    PreviewPage page(sheet.width, sheet.height, kDpi);
    drawForm(page, sheet);
    if (sheet.qr) {
        drawCode(page, *sheet.qr, sheet.name);
    }
    return ColourImage(page.image()).png();
}

}  // namespace sheafline::sheets
