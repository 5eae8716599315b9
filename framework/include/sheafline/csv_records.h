// Reads CSV (RFC 4180) from spreadsheets: CR LF, LF or CR, a byte order mark, quotes with line
// breaks.
// Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <sheafline/export.h>

namespace sheafline {

struct CsvRecord {
    int line = 0;  // 1-based, where it begins
    std::vector<std::string> cells{};
};

SHEAFLINE_API std::string withoutSpaces(const std::string& text);  // before and after it

// The separator that occurs most often in the first line: ',', ';' or a tab. Spreadsheets write
// what the language of the desk says.
SHEAFLINE_API char csvSeparator(std::string_view text);

// Cells without the spaces around them. Empty lines are left out.
SHEAFLINE_API std::vector<CsvRecord> csvRecords(std::string_view text, char separator);

}  // namespace sheafline
