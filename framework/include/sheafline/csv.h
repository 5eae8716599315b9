// Lines of a CSV file (RFC 4180, with LF). A text that a spreadsheet would run as a formula (it
// begins with =, +, -, @, tab or CR) gets a leading apostrophe. Pure; any thread.
//
//     std::string line;
//     appendCsvField(line, "=1+1");  // '=1+1
//     file.write(csvLine({{"Jane, Doe", "7"}}));  // "Jane, Doe",7
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <sheafline/export.h>

namespace sheafline {

enum class CsvField {
    text,
    number,  // a number keeps its minus; any other value is guarded like a text
};

SHEAFLINE_API void appendCsvField(std::string& line, std::string_view value,
                                  CsvField field = CsvField::text);

// A line with its end. `fields` is empty, or has one kind for each value.
SHEAFLINE_API std::string csvLine(std::span<const std::string> values,
                                  std::span<const CsvField> fields = {});

}  // namespace sheafline
