#include <algorithm>
#include <array>
#include <cstdio>

#include <sheafline/sheets/find_code.h>
#include <sheafline/sheets/form_pages.h>
#include <sheafline/sheets/load_template.h>
#include <sheafline/sheets/overlay.h>
#include <sheafline/sheets/read_image.h>

#include "align/page_candidate.h"
#include "marks/page_view.h"
#include "overlay/page_overlay.h"

namespace sheafline::sheets {

namespace {

std::string reportOf(const SheetReading& reading, const Template& sheet) {
    std::string report;
    if (reading.page > 0) report += "page " + std::to_string(reading.page) + " of the form\n";
    for (std::size_t i = 0; i < sheet.output.size(); ++i) {
        const ColumnReading& column = reading.columns[i];
        std::array<char, 32> confidence{};
        std::snprintf(confidence.data(), confidence.size(), " (%.3f)", column.confidence);
        report += sheet.output[i].name + ": " + column.value + confidence.data();
        if (column.flag != FieldFlag::ok) report += " " + std::string(toString(column.flag));
        report += '\n';
    }
    for (const ImageArea& image : sheet.images) report += image.name + ": image\n";
    if (reading.identity_differs) report += "identity:differs: the code says something else\n";
    return report;
}

// What a rejected sheet looks like to the template: nothing is read. Where the page may be where
// the best map has it, the expected and the found places of the bubbles are drawn, else those of
// the corner marks on a page that fills the image.
PngBytes drawRejected(const GreyImage& page, const Template& sheet, const UnreadableSheet& error) {
    const bool placed = error.best && isPlausible(error.best->map, page, sheet);
    SheetReading nearest;
    if (error.best) nearest.alignment = *error.best;
    if (!placed) {
        nearest.alignment.map =
            Homography({page.width / sheet.width, 0, 0, 0, page.height / sheet.height, 0, 0, 0, 1});
        nearest.alignment.moves.clear();
        nearest.alignment.quarter_turns = 0;
    }
    // Without a map, positions of bubbles would only confuse.
    Template shown = sheet;
    if (!placed) {
        shown.fields.clear();
        shown.images.clear();
    }
    for (const Field& field : shown.fields)
        nearest.fields.push_back({.marked = std::vector<bool>(field.bubbles.size(), false)});
    PageOverlay overlay(page, shown, nearest);
    if (placed)
        overlay.drawFoundOutlines(page);
    else
        overlay.drawExpectedMarks();
    const bool marked = sheet.align.by == AlignBy::fiducials || sheet.align.by == AlignBy::image;
    std::vector<std::string> heading{error.what()};
    if (placed)
        heading.emplace_back(
            "green: bubble found. red: no bubble where one is expected. orange: how far it is off");
    else if (marked)
        heading.emplace_back("red: corner marks are expected here. blue crosses: taken for marks");
    overlay.addHeading(heading);
    return overlay.image().png();
}

// The code that names the page of a form of several pages; empty if the page has none.
std::string codeWithPage(const GreyImage& page, const Template& sheet) {
    if (sheet.pages.empty() || !sheet.page_field.empty()) return "";
    CodeSearch search{
        .fits = [&](std::string_view text) { return pageInCode(sheet, text).has_value(); }};
    if (!sheet.codes.empty()) search.formats = sheet.codes;
    const CodeResult found = findCode(page, search);
    return found.code ? found.code->text : "";
}

}  // namespace

TemplateCheck checkSheet(const GreyImage& page, const Template& sheet,
                         const ReadSheetOptions& options) {
    try {
        const SheetReading reading = readSheet(page, sheet, options);
        const PageView view(sheet, reading);
        return {.picture = drawOverlay(page, sheet, reading),
                .report = reportOf(view.reading, view.sheet)};
    } catch (const UnreadableSheet& error) {
        // A sheet that does not tell its page is drawn as the first one.
        const Template& shown = pageNumbered(sheet, std::max(1, error.page));
        return {.picture = drawRejected(page, shown, error),
                .report = std::string(error.what()) + "\n",
                .readable = false};
    }
}

TemplateCheck checkTemplate(const std::filesystem::path& template_file,
                            const std::filesystem::path& sheet_file) {
    const Template sheet = loadTemplate(template_file);
    const GreyImage page = readImage(readBytes(sheet_file));
    return checkSheet(page, sheet, {.qr = codeWithPage(page, sheet)});
}

}  // namespace sheafline::sheets
