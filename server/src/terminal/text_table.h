// Columns of text for a person: as wide as their widest cell, two spaces between them. Cells may
// hold text from outside: they are shown by shownText().
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace sheafline {

using TableRow = std::vector<std::string>;

void writeTable(std::ostream& out, std::vector<TableRow> rows);  // the first row is the header

}  // namespace sheafline
