#include <algorithm>
#include <charconv>
#include <string>

#include <sheafline/sheets/code_pattern.h>
#include <sheafline/sheets/form_pages.h>

#include "marks/page_view.h"

namespace sheafline::sheets {

const Template& pageNumbered(const Template& form, int number) {
    const bool known = number >= 1 && static_cast<std::size_t>(number) <= form.pages.size();
    return known ? form.pages[static_cast<std::size_t>(number) - 1] : form;
}

std::optional<int> pageInCode(const Template& form, std::string_view code) {
    if (form.pages.empty() || form.page_code.empty()) return std::nullopt;
    const auto parts = CodePattern(form.page_code).match(code);
    const auto page = parts ? parts->find(kPageGroup) : CodeParts::const_iterator{};
    if (!parts || page == parts->end()) return std::nullopt;
    int number = 0;
    const char* end = page->second.data() + page->second.size();
    const auto [rest, error] = std::from_chars(page->second.data(), end, number);
    const bool known =
        error == std::errc() && rest == end && pageNumbered(form, number).page == number;
    return known && number > 0 ? std::optional(number) : std::nullopt;
}

const Template& pageOf(const Template& form, const GreyImage& image,
                       const ReadSheetOptions& options) {
    if (form.pages.empty()) return form;
    if (!form.page_field.empty()) return pageNumbered(form, readSheet(image, form, options).page);
    if (const auto page = pageInCode(form, options.qr)) return pageNumbered(form, *page);
    throw UnreadableSheet("unreadable: " +
                          (options.qr.empty()
                               ? "the sheet has no code, which names its page"
                               : "the code " + options.qr + " does not name a page from 1 to " +
                                     std::to_string(form.pages.size())));
}

PageView::PageView(const Template& form, const SheetReading& form_reading)
    : sheet(pageNumbered(form, form_reading.page)),
      reading(&sheet == &form ? form_reading : of_page_) {
    if (&sheet == &form) return;
    of_page_ = form_reading;
    of_page_.columns.clear();
    for (std::size_t i = 0; i < form.output.size(); ++i) {
        const bool on_page = std::ranges::find(sheet.output, form.output[i].name,
                                               &OutputColumn::name) != sheet.output.end();
        if (on_page) of_page_.columns.push_back(form_reading.columns[i]);
    }
}

}  // namespace sheafline::sheets
