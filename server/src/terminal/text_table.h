// Columns of text for a person: as wide as their widest cell, two spaces between them.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace sheafline {

using TableRow = std::vector<std::string>;

void writeTable(std::ostream& out, const std::vector<TableRow>& rows);  // the first row is the head

}  // namespace sheafline
