#include <algorithm>
#include <utility>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>
#include <sheafline/sheets/print_sheets.h>

#include "print/code_text.h"
#include "print/form_printer.h"
#include "print/page_texts.h"
#include "print/pdf_document.h"

namespace sheafline::sheets {

namespace {

constexpr const char* kDefaultFont = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";
constexpr double kLargestPage = 460;  // mm; a template of OMRChecker is measured in pixels

// The pages of forms of several pages, one by one.
PrintOptions withPages(const PrintOptions& options) {
    PrintOptions all = options;
    all.pages.clear();
    for (const Template& sheet : options.pages) {
        if (sheet.pages.empty()) all.pages.push_back(sheet);
        all.pages.insert(all.pages.end(), sheet.pages.begin(), sheet.pages.end());
    }
    return all;
}

void check(const PrintOptions& options) {
    if (options.pages.empty()) throw ConfigError("name a template to print");
    for (const Template& sheet : withPages(options).pages) {
        if (sheet.width > kLargestPage || sheet.height > kLargestPage)
            throw ConfigError("the template '" + sheet.name +
                              "' is measured in pixels or is larger than A3, so it cannot be "
                              "printed; write a template in millimeters");
        if (!sheet.qr && !options.code.empty())
            throw ConfigError("the template '" + sheet.name +
                              "' has no place for a code; add qr: {box: [x, y, side]} or leave "
                              "out the code");
    }
}

PdfPage formatOf(const Template& sheet, Paper paper) {
    PdfPage page{.width = sheet.width,
                 .height = sheet.height,
                 .paper_width = sheet.width,
                 .paper_height = sheet.height};
    if (paper == Paper::as_template) return page;
    page.paper_width = paper == Paper::a4 ? 210 : 215.9;
    page.paper_height = paper == Paper::a4 ? 297 : 279.4;
    if (sheet.width > sheet.height) std::swap(page.paper_width, page.paper_height);
    return page;
}

class SheetPrinter {
 public:
    explicit SheetPrinter(const PrintOptions& options)
        : options_(withPages(options)),
          code_(options_),
          pdf_(options.font.empty() ? std::filesystem::path(kDefaultFont) : options.font) {
        for (std::size_t i = 0; i < options_.pages.size(); ++i)
            texts_.emplace_back(options_, spaceOf(options_.pages[i]), i + 1);
    }

    void print(const std::vector<std::string>* student) {
        for (std::size_t i = 0; i < options_.pages.size(); ++i) {
            const Template& sheet = options_.pages[i];
            pdf_.addPage(formatOf(sheet, options_.paper));
            if (i < shared_.size()) {
                pdf_.putShared(shared_[i]);
            } else {
                pdf_.beginShared();
                drawForm(pdf_, sheet);
                texts_[i].drawForAll(pdf_);
                shared_.push_back(pdf_.endShared());
            }
            texts_[i].drawStudent(pdf_, student);
            if (sheet.qr) drawCode(pdf_, *sheet.qr, code_.of(student, i + 1));
        }
        ++printed_.students;
        printed_.pages += options_.pages.size();
    }

    void printAll() {
        if (!options_.roster) {
            for (int copy = 0; copy < std::max(1, options_.copies); ++copy) print(nullptr);
            return;
        }
        for (const auto& student : options_.roster->students) print(&student);
    }

    std::string bytes() { return pdf_.bytes(); }

    const PrintedSheets& printed() const { return printed_; }

 private:
    const PrintOptions options_;
    CodeText code_;
    PdfDocument pdf_;
    std::vector<PageTexts> texts_{};
    std::vector<std::size_t> shared_{};  // of each page
    PrintedSheets printed_{};
};

}  // namespace

std::size_t pagesOf(const PrintOptions& options) {
    const std::size_t students = options.roster
                                     ? options.roster->students.size()
                                     : static_cast<std::size_t>(std::max(1, options.copies));
    return students * withPages(options).pages.size();
}

PrintedSheets printSheets(const PrintOptions& options, const std::filesystem::path& out) {
    check(options);
    SheetPrinter printer(options);
    printer.printAll();
    DurableFile file(out);
    file.write(printer.bytes());
    file.publish();
    return printer.printed();
}

std::string printedSheets(const PrintOptions& options) {
    check(options);
    SheetPrinter printer(options);
    printer.printAll();
    return printer.bytes();
}

}  // namespace sheafline::sheets
