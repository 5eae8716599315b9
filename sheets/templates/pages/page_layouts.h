// The pages of a template with `pages`, as one template and as one for each page. Pure.
#pragma once

#include <string>
#include <vector>

#include <sheafline/sheets/template.h>

#include "templates/pages/page_reader.h"

namespace sheafline::sheets {

// Makes `form` from the first page, with the fields and images of all pages, and gives the columns
// of all pages in the order of the pages. A name that two pages use for different fields is a
// finding.
std::vector<OutputColumn> mergeLayouts(Template& form, const std::vector<PageLayout>& layouts,
                                       FindingList& findings);

// Adds to a complete form a template for each page, which has the page's part of output, key and
// identity.
void splitIntoPages(Template& form, std::vector<PageLayout> layouts);

// Why this cannot be the pattern or the column that tells the page; empty if it can.
std::string pageCodeFinding(const std::string& pattern);
std::string pageFieldFinding(const std::string& column, const std::vector<PageLayout>& layouts);

}  // namespace sheafline::sheets
