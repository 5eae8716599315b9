#include <algorithm>
#include <cctype>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sheafline/sheets/code_pattern.h>
#include <sheafline/sheets/form_pages.h>
#include <sheafline/sheets/read_sheet.h>
#include <sheafline/sheets/score_again.h>

#include "marks/apply_filters.h"
#include "marks/column_reading.h"
#include "marks/page_view.h"
#include "scores/score_columns.h"

namespace sheafline::sheets {

namespace {

// In the place of an unread digit, any text may be.
std::string patternOf(const std::string& value, const std::string& placeholder) {
    std::string pattern;
    for (const char letter : value) {
        if (placeholder.find(letter) != std::string::npos) {
            pattern += '.';
            continue;
        }
        if (std::isalnum(static_cast<unsigned char>(letter)) == 0) pattern += '\\';
        pattern += letter;
    }
    return pattern;
}

// The bubbles must agree with the code. In a flagged number, only the digits that were read without
// doubt must.
void checkAgainstCode(const Template& sheet, SheetReading& reading, const std::string& qr) {
    if (sheet.qr_check.empty() || qr.empty()) return;
    CodeParts parts;
    std::string pattern = sheet.qr_check;
    for (const std::string& name : namesIn(sheet.qr_check)) {
        const auto found = std::ranges::find(sheet.output, name, &OutputColumn::name);
        if (found == sheet.output.end()) return;
        const auto& column =
            reading.columns[static_cast<std::size_t>(found - sheet.output.begin())];
        if (column.flag != FieldFlag::ok && column.flag != FieldFlag::blank &&
            column.flag != FieldFlag::multiple)
            return;
        if (column.value == sheet.empty_value) return;
        parts[name] = column.value;
        const std::string in_braces = "{" + name + "}";
        const std::string known =
            patternOf(column.value, column.flag == FieldFlag::ok ? "" : sheet.placeholder);
        for (auto at = pattern.find(in_braces); at != std::string::npos;
             at = pattern.find(in_braces, at + known.size()))
            pattern.replace(at, in_braces.size(), known);
    }
    if (CodePattern(pattern).match(qr)) return;
    reading.identity_differs = true;
    if (sheet.differing_is_flagged) return;
    std::string said;
    for (const auto& [name, value] : parts)
        said.append(said.empty() ? "" : ", ").append(name).append(" ").append(value);
    UnreadableSheet error("unreadable: the bubbles say " + said + ", the QR code says " + qr,
                          reading.alignment);
    error.page = sheet.page;
    throw error;
}

SheetReading readPage(const GreyImage& image, const Template& sheet,
                      const ReadSheetOptions& options) {
    const auto filtered = applyFilters(image, sheet.filters);
    const GreyImage& page = filtered ? *filtered : image;
    SheetReading reading{.alignment = alignSheet(page, sheet), .page = sheet.page};
    reading.alignment.width = page.width;
    reading.alignment.height = page.height;
    reading.fields = readMarks(page, reading.alignment, sheet);
    // No answer has a higher confidence than the page map.
    for (FieldReading& field : reading.fields)
        field.confidence = std::min(field.confidence, reading.alignment.proof);
    for (const OutputColumn& column : sheet.output) {
        ColumnReading read = columnOf(column, reading.fields, sheet);
        if (read.confidence < options.min_confidence && read.flag == FieldFlag::ok)
            read.flag = FieldFlag::faint;
        reading.confidence = std::min(reading.confidence, read.confidence);
        reading.columns.push_back(std::move(read));
    }
    // Scored last: the key may count columns on both sides of the score.
    std::vector<std::string> values;
    for (const ColumnReading& column : reading.columns) values.push_back(column.value);
    putScore(values, {.qr = options.qr, .group = options.group}, sheet);
    for (std::size_t i = 0; i < values.size(); ++i) reading.columns[i].value = std::move(values[i]);
    return reading;
}

SheetReading readNumberedPage(const GreyImage& image, const Template& page,
                              const ReadSheetOptions& options) {
    try {
        return readPage(image, page, options);
    } catch (UnreadableSheet& error) {
        error.page = page.page;
        throw;
    }
}

// What the bubbles say about their page; 0 in doubt.
int pageIn(const SheetReading& reading, const Template& page) {
    const auto field = std::ranges::find(page.fields, page.page_field, &Field::name);
    const FieldReading& read =
        reading.fields[static_cast<std::size_t>(field - page.fields.begin())];
    return read.flag == FieldFlag::ok && !read.value.empty() ? std::stoi(read.value) : 0;
}

// Only the page that fits the sheet can read its number, and the number must name that page.
SheetReading readByField(const GreyImage& image, const Template& form,
                         const ReadSheetOptions& options) {
    std::optional<UnreadableSheet> first_error;
    bool fitted = false;
    int said = 0;
    for (const Template& page : form.pages) {
        if (said != 0 && said != page.page) continue;
        try {
            SheetReading reading = readNumberedPage(image, page, options);
            const int number = pageIn(reading, page);
            if (number == page.page) return reading;
            fitted = true;
            said = number;
            if (said < page.page) break;  // nothing, or a page that did not fit
        } catch (const UnreadableSheet& error) {
            if (!first_error) first_error = error;
        }
    }
    if (!fitted && first_error) throw *first_error;
    throw UnreadableSheet("unreadable: the bubbles of '" + form.page_field +
                          (said == 0 ? "' do not say which page this is"
                                     : "' say page " + std::to_string(said) +
                                           ", but the sheet does not look like that page"));
}

}  // namespace

SheetReading readSheet(const GreyImage& image, const Template& sheet,
                       const ReadSheetOptions& options) {
    SheetReading reading = sheet.page_field.empty()
                               ? readNumberedPage(image, pageOf(sheet, image, options), options)
                               : readByField(image, sheet, options);
    const Template& page = pageNumbered(sheet, reading.page);
    checkAgainstCode(page, reading, options.qr);
    if (reading.page > 0) reading.columns = inColumnsOf(sheet, page, reading.columns);
    return reading;
}

std::string flagsOf(const SheetReading& reading, const Template& sheet) {
    std::string flags = reading.identity_differs ? "identity:differs" : "";
    for (std::size_t i = 0; i < sheet.output.size(); ++i) {
        const FieldFlag flag = reading.columns[i].flag;
        if (flag == FieldFlag::ok) continue;
        if (!flags.empty()) flags += ';';
        flags += sheet.output[i].name + ":" + std::string(toString(flag));
    }
    std::vector<std::string> values;
    for (const ColumnReading& column : reading.columns) values.push_back(column.value);
    return flagsWithScore(flags, values, sheet, reading.page);
}

}  // namespace sheafline::sheets
