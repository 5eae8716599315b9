#include "print/page_texts.h"

#include <algorithm>
#include <sstream>
#include <vector>

namespace sheafline::sheets {

namespace {

constexpr const char* kInstructions =
    "Use a dark pen. Fill the bubble of your answer completely. Do not write on the squares and "
    "the code.";
constexpr double kTitleHeight = 4;  // of a capital, mm
constexpr double kTextHeight = 2.2;
constexpr double kLine = 4.4;  // from line to line

// A text that fits into the width, with a smaller size if it must.
void drawFitted(PdfDocument& pdf, const FreeBox& box, double base, double size,
                const std::string& text, Face face) {
    const double width = pdf.widthOf(text, size, face);
    if (width > box.width) size *= box.width / width;
    pdf.text({.x = box.x, .y = base}, size, text, face);
}

std::vector<std::string> linesOf(PdfDocument& pdf, const std::string& text, double width) {
    std::vector<std::string> lines(1);
    std::istringstream words(text);
    for (std::string word; words >> word;) {
        const std::string longer = lines.back().empty() ? word : lines.back() + " " + word;
        if (lines.back().empty() || pdf.widthOf(longer, kTextHeight) <= width) {
            lines.back() = longer;
        } else {
            lines.push_back(word);
        }
    }
    return lines;
}

std::string valueOf(const Roster& roster, const std::vector<std::string>& student,
                    const std::string& column) {
    const auto at = std::ranges::find(roster.columns, column);
    return at == roster.columns.end()
               ? ""
               : student.at(static_cast<std::size_t>(at - roster.columns.begin()));
}

}  // namespace

PageTexts::PageTexts(const PrintOptions& options, FreeSpace space, std::size_t page)
    : options_(options), page_(page) {
    if (!options.logo.empty()) {
        for (const double side : {22.0, 16.0, 11.0}) {
            if (logo_ = space.take(side, side, side); logo_) break;
        }
    }
    for (const double width : {90.0, 60.0, 40.0}) {
        if (title_ = space.take(width, kTitleHeight * 1.6, 150); title_) break;
    }
    for (const double width : {70.0, 50.0}) {
        if (student_ = space.take(width, 13, 90); student_) break;
    }
    for (const auto& [width, lines] :
         {std::pair(100.0, 2), std::pair(64.0, 3), std::pair(44.0, 4)}) {
        if (instructions_ = space.take(width, kLine * lines, 150); instructions_) break;
    }
}

void PageTexts::drawForAll(PdfDocument& pdf) const {
    pdf.ink(0);
    if (logo_) pdf.pictureFile(options_.logo, logo_->x, logo_->y, logo_->width, logo_->height);
    if (title_) {
        std::string title = options_.title.empty() ? options_.pages.front().name : options_.title;
        if (options_.pages.size() > 1)
            title +=
                ", page " + std::to_string(page_) + " of " + std::to_string(options_.pages.size());
        drawFitted(pdf, *title_, title_->y + kTitleHeight * 1.2, kTitleHeight, title, Face::bold);
    }
    if (!instructions_) return;
    double base = instructions_->y + kTextHeight;
    for (const std::string& line :
         linesOf(pdf, options_.instructions.empty() ? kInstructions : options_.instructions,
                 instructions_->width)) {
        if (base > instructions_->y + instructions_->height) break;
        pdf.text({.x = instructions_->x, .y = base}, kTextHeight, line);
        base += kLine;
    }
}

void PageTexts::drawStudent(PdfDocument& pdf, const std::vector<std::string>* student) const {
    if (!student_) return;
    pdf.ink(0);
    if (student == nullptr) {
        const double base = student_->y + 8;
        pdf.line({.x = student_->x, .y = base}, {.x = student_->x + student_->width, .y = base},
                 0.2);
        pdf.text({.x = student_->x, .y = base + 3.2}, 1.8, "Name");
        pdf.text({.x = student_->x + student_->width * 0.7, .y = base + 3.2}, 1.8, "Class");
        return;
    }
    const Roster& roster = *options_.roster;
    const std::string name = valueOf(roster, *student, "name");
    const std::string id = valueOf(roster, *student, "id");
    const std::string class_name = valueOf(roster, *student, "class");
    drawFitted(pdf, *student_, student_->y + 4.5, 3, name.empty() ? id : name, Face::bold);
    const std::string second = class_name.empty() ? id : id + ", " + class_name;
    if (!name.empty() || !class_name.empty())
        drawFitted(pdf, *student_, student_->y + 9.5, kTextHeight, second, Face::plain);
}

}  // namespace sheafline::sheets
