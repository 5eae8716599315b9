// What evidenceOf() (read_sheet.h) stored about a page, read back. Refers to the template. Pure.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include <sheafline/sheets/align_sheet.h>
#include <sheafline/sheets/read_marks.h>
#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

struct StoredPage {
    const Template& sheet;               // that of the page
    std::vector<FieldReading> fields{};  // one for each of the template's fields
    SheetAlignment alignment{};          // without proofs; with a size of 0 if it was not stored
};

// Nothing if the evidence is damaged or of another template.
std::optional<StoredPage> storedPage(std::string_view evidence, const Template& form);

}  // namespace sheafline::sheets
