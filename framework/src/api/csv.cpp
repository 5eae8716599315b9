// RFC 4180 with LF, as written here:
//   file   = header row*            ; both are lines
//   line   = field ("," field)* LF
//   field  = bare | DQUOTE (any | DQUOTE DQUOTE)* DQUOTE
//   bare   = no comma, quote, CR, LF or NUL, and no space at either end
#include <charconv>

#include <sheafline/csv.h>

namespace sheafline {

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

}  // namespace

void appendCsvField(std::string& line, std::string_view value, CsvField field) {
    const bool guarded = looksLikeFormula(value) && !(field == CsvField::number && isNumber(value));
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

std::string csvLine(std::span<const std::string> values, std::span<const CsvField> fields) {
    std::string line;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i > 0) line += ',';
        appendCsvField(line, values[i], fields.empty() ? CsvField::text : fields[i]);
    }
    return line += '\n';
}

}  // namespace sheafline
