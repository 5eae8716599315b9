#include "marks/evidence_identity.h"

#include <cstddef>

namespace sheafline::sheets {

namespace {

constexpr std::string_view kKey = "\"identity\":";

// The values of the columns of the template's identity; empty where one is in doubt or empty.
std::string identityOf(const std::vector<ColumnReading>& columns, const Template& sheet) {
    // The pages of a form are not scans of each other.
    std::string identity = sheet.page > 0 ? "page " + std::to_string(sheet.page) : "";
    for (const std::size_t i : sheet.identity) {
        const ColumnReading& column = columns[i];
        if (column.flag != FieldFlag::ok || column.value.empty() ||
            column.value == sheet.empty_value)
            return "";
        identity += (identity.empty() ? "" : " / ") + column.value;
    }
    return identity;
}

// The end of the JSON text that begins at `begin`.
std::size_t endOfText(const std::string& json, std::size_t begin) {
    std::size_t at = begin + 1;
    while (at < json.size() && json[at] != '"') at += json[at] == '\\' ? 2 : 1;
    return at + 1;
}

}  // namespace

void putQuoted(std::string& text, std::string_view value) {
    text += '"';
    for (const char c : value) {
        if (c == '"' || c == '\\') text += '\\';
        if (static_cast<unsigned char>(c) >= 0x20) text += c;
    }
    text += '"';
}

std::string identityPart(const std::vector<ColumnReading>& columns, const Template& sheet) {
    std::string text(kKey);
    putQuoted(text, identityOf(columns, sheet));
    return text + ',';
}

void replaceIdentity(std::string& evidence, const std::vector<ColumnReading>& columns,
                     const Template& sheet) {
    constexpr std::size_t kFirst = 1;  // after the brace
    if (evidence.compare(kFirst, kKey.size(), kKey) != 0) return;
    const std::size_t end = endOfText(evidence, kFirst + kKey.size()) + 1;  // with the comma
    if (end > evidence.size()) return;
    evidence.replace(kFirst, end - kFirst, identityPart(columns, sheet));
}

}  // namespace sheafline::sheets
