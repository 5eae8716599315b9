#include <algorithm>
#include <utility>

#include <sheafline/csv_records.h>

namespace sheafline {

std::string withoutSpaces(const std::string& text) {
    const std::size_t first = text.find_first_not_of(" \t\r");
    const std::size_t last = text.find_last_not_of(" \t\r");
    return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

char csvSeparator(std::string_view text) {
    const std::string_view header = text.substr(0, text.find_first_of("\r\n"));
    char best = ',';
    for (const char separator : {';', '\t'}) {
        if (std::ranges::count(header, separator) > std::ranges::count(header, best))
            best = separator;
    }
    return best;
}

std::vector<CsvRecord> csvRecords(std::string_view text, char separator) {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    std::vector<CsvRecord> records;
    CsvRecord record{.line = 1, .cells = {""}};
    int line = 1;
    bool quoted = false;
    const auto end = [&] {
        for (std::string& cell : record.cells) cell = withoutSpaces(cell);
        if (record.cells.size() > 1 || !record.cells.front().empty())
            records.push_back(std::move(record));
        record = {.line = line, .cells = {""}};
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        // A carriage return alone ends a line, too.
        const bool ends_line =
            c == '\n' || (c == '\r' && (i + 1 == text.size() || text[i + 1] != '\n'));
        if (ends_line) ++line;
        if (c == '"' && quoted && i + 1 < text.size() && text[i + 1] == '"') {
            record.cells.back() += text[++i];
        } else if (c == '"') {
            quoted = !quoted;
        } else if (c == separator && !quoted) {
            record.cells.emplace_back();
        } else if (ends_line && !quoted) {
            end();
        } else {
            record.cells.back() += c;
        }
    }
    end();
    return records;
}

}  // namespace sheafline
