#include "terminal/text_table.h"

#include <algorithm>
#include <ostream>

#include <sheafline/shown_text.h>

namespace sheafline {

namespace {

// In code points, because names may hold any letters.
std::size_t width(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

}  // namespace

void writeTable(std::ostream& out, std::vector<TableRow> rows) {
    for (TableRow& row : rows) {
        for (std::string& cell : row) cell = shownText(cell);
    }
    std::vector<std::size_t> widths;
    for (const TableRow& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
    }
    for (const TableRow& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            out << row[i];
            if (i + 1 < row.size()) out << std::string(widths[i] - width(row[i]) + 2, ' ');
        }
        out << '\n';
    }
}

}  // namespace sheafline
