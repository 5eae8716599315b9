// RFC 4180 with LF, as written here:
//   file   = header row*            ; both are lines
//   line   = field ("," field)* LF
//   field  = bare | DQUOTE (any | DQUOTE DQUOTE)* DQUOTE
//   bare   = no comma, quote, CR, LF or NUL, and no space at either end
//
// A spreadsheet runs a text that begins with =, +, -, @, tab or CR as a formula; such a text gets a
// leading apostrophe. A number in a column of numbers may begin with a minus.
#include "csv_text.h"

#include <algorithm>
#include <charconv>

namespace sheafline::csv {

namespace {

using namespace std::string_view_literals;

bool isNumber(std::string_view text) {
    double value = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    return error == std::errc() && end == text.data() + text.size();
}

bool looksLikeFormula(std::string_view value) {
    return !value.empty() && "=+-@\t\r"sv.find(value.front()) != std::string_view::npos;
}

bool needsQuotes(std::string_view value) {
    return value.find_first_of(",\"\r\n\0"sv) != std::string_view::npos || value.starts_with(' ') ||
           value.ends_with(' ');
}

void appendField(std::string& line, std::string_view value, FieldKind kind) {
    const bool guarded = looksLikeFormula(value) && !(kind == FieldKind::number && isNumber(value));
    if (!needsQuotes(value)) {
        if (guarded) line += '\'';
        line += value;
        return;
    }
    line += '"';
    if (guarded) line += '\'';
    for (const char c : value) {
        if (c == '"') line += '"';
        line += c;
    }
    line += '"';
}

}  // namespace

FieldKind fieldKind(std::string_view column) {
    static constexpr auto kNumbers = {"sheet"sv, "page"sv, "score"sv, "confidence"sv};
    return std::ranges::find(kNumbers, column) != kNumbers.end() ? FieldKind::number
                                                                 : FieldKind::text;
}

std::string csvLine(const std::vector<std::string>& values, const std::vector<FieldKind>& kinds) {
    std::string line;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i > 0) line += ',';
        appendField(line, values[i], kinds[i]);
    }
    return line += '\n';
}

}  // namespace sheafline::csv
