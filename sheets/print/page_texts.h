// The texts of a page, in the room that its template leaves: title, instructions and logo for all
// copies, and the name of the student. A text that does not fit becomes smaller, and is left out if
// there is no room at all. One thread.
#pragma once

#include <optional>
#include <string>

#include <sheafline/sheets/print_sheets.h>

#include "print/free_space.h"
#include "print/pdf_document.h"

namespace sheafline::sheets {

class PageTexts {
 public:
    // `page` counts from 1.
    PageTexts(const PrintOptions& options, FreeSpace space, std::size_t page);

    void drawForAll(PdfDocument& pdf) const;
    // Name, id and class; or lines to write them.
    void drawStudent(PdfDocument& pdf, const std::vector<std::string>* student) const;

 private:
    const PrintOptions& options_;
    std::size_t page_;
    std::optional<FreeBox> title_{};
    std::optional<FreeBox> student_{};
    std::optional<FreeBox> logo_{};
    std::optional<FreeBox> instructions_{};
};

}  // namespace sheafline::sheets
