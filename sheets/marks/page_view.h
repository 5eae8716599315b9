// A reading as one of the page that it is of: the template of that page, with the columns that the
// page has. Of a template of one page, both are what they were. Refers to both; one thread.
#pragma once

#include <string>
#include <vector>

#include <sheafline/sheets/read_sheet.h>
#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

class PageView {
 private:
    SheetReading of_page_{};

 public:
    PageView(const Template& form, const SheetReading& form_reading);
    PageView(const PageView&) = delete;
    PageView& operator=(const PageView&) = delete;

    const Template& sheet;
    const SheetReading& reading;
};

// One item for each column of the form, from those of the page; columns of other pages are empty.
template <typename Item>
std::vector<Item> inColumnsOf(const Template& form, const Template& page,
                              const std::vector<Item>& items) {
    std::vector<Item> all(form.output.size());
    std::size_t next = 0;  // the page's columns are in the order of the form's
    for (std::size_t i = 0; i < form.output.size() && next < page.output.size(); ++i) {
        if (form.output[i].name == page.output[next].name) all[i] = items[next++];
    }
    return all;
}

}  // namespace sheafline::sheets
