#include <utility>

#include <sheafline/csv_records.h>

namespace sheafline {

std::string withoutSpaces(const std::string& text) {
    const std::size_t first = text.find_first_not_of(" \t\r");
    const std::size_t last = text.find_last_not_of(" \t\r");
    return first == std::string::npos ? "" : text.substr(first, last - first + 1);
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
        if (c == '\n') ++line;
        if (c == '"' && quoted && i + 1 < text.size() && text[i + 1] == '"') {
            record.cells.back() += text[++i];
        } else if (c == '"') {
            quoted = !quoted;
        } else if (c == separator && !quoted) {
            record.cells.emplace_back();
        } else if (c == '\n' && !quoted) {
            end();
        } else {
            record.cells.back() += c;
        }
    }
    end();
    return records;
}

}  // namespace sheafline
