#include "sheet_row.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace sheafline {

std::vector<std::string> rowHead(std::string_view batch_id, const Sheet& sheet) {
    return {std::string(batch_id),
            std::to_string(sheet.number),
            sheet.file,
            std::to_string(sheet.page),
            sheet.qr,
            sheet.group,
            std::string(toString(sheet.state)),
            ""};
}

std::vector<std::string> rowOf(std::string_view batch_id, const Sheet& sheet,
                               const std::optional<Reading>& reading, std::size_t columns) {
    std::vector<std::string> row = rowHead(batch_id, sheet);
    if (!reading) {
        row.resize(row.size() + columns + 1);
        return row;
    }
    row[kFlagsColumn] = reading->flags;
    row.insert(row.end(), reading->values.begin(), reading->values.end());
    row.push_back(confidenceText(reading->confidence));
    return row;
}

void addFlags(std::string& list, std::string_view flags) {
    if (flags.empty()) return;
    if (!list.empty()) list += ';';
    list += flags;
}

std::string confidenceText(double confidence) {
    const double share = confidence >= 0 ? std::min(confidence, 1.0) : 0;  // NaN becomes 0 too
    std::array<char, 16> text{};
    const auto end =
        std::to_chars(text.data(), text.data() + text.size(), share, std::chars_format::fixed, 3);
    return {text.data(), end.ptr};
}

}  // namespace sheafline
