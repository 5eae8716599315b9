// A whole sheet, from its grey page to the columns of its row: alignment, marks, the template's
// columns, score and the check against the QR code. Pure; any thread. Throws UnreadableSheet if the
// page map cannot be proved.
//
//     const SheetReading reading = readSheet(readImage(bytes), demo, {.qr = "MATH-7B/1/2400123"});
#pragma once

#include <string>
#include <vector>

#include <sheafline/export.h>
#include <sheafline/sheets/align_sheet.h>
#include <sheafline/sheets/grey_image.h>
#include <sheafline/sheets/read_marks.h>
#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

struct ColumnReading {
    std::string value{};
    FieldFlag flag = FieldFlag::ok;
    double confidence = 1;
};

struct SheetReading {
    SheetAlignment alignment{};
    int page = 0;                        // of a form of several pages: its number; see form_pages.h
    std::vector<FieldReading> fields{};  // one for each field of the template, or of that page
    std::vector<ColumnReading> columns{};  // one for each of the template's output
    double confidence = 1;                 // the lowest
    bool identity_differs = false;         // the code says something else (Template::qr_check)
};

struct ReadSheetOptions {
    std::string qr{};     // the code's text, for the template's check, pages and key; may be empty
    std::string group{};  // of the sheet, for a key with versions
    double min_confidence = 0.9;  // an answer below it is flagged
};

SHEAFLINE_API SheetReading readSheet(const GreyImage& image, const Template& sheet,
                                     const ReadSheetOptions& options = {});

// "q7:faint;q9:multiple", or empty; "identity:differs" comes first.
SHEAFLINE_API std::string flagsOf(const SheetReading& reading, const Template& sheet);

// The data that explains a decision, as compact JSON:
//
//     {"turns":0,"residual":0.05,"contrast":0.17,"size":[width,height],"map":[9 numbers],
//      "marks":[[x,y],…],
//      "fields":{"q1":{"value":"B","flag":"ok","confidence":0.999,"darkness":[1,70,0,2,0]},…}}
//
// `darkness` is in percent, in the order of the template's values. Where the print is bent, "moves"
// after "map" has for each field [x,y,x,y], how far its first and its last bubble lie from the map.
// On a form of several pages,
// `"page":2` comes before "turns", and "fields" has those of that page. A template with an identity
// adds "identity" as the first key: the values of its columns, or an empty text where one is in
// doubt. The fields of a flagged column add what a person chooses from: "values":["A","B",…]. If
// the column is not a single field of the same name, it is added at the end, with its own
// confidence: "columns":{"roll":{"confidence":0.41,"fields":["roll1","roll2"]}}.
SHEAFLINE_API std::string evidenceOf(const SheetReading& reading, const Template& sheet);

}  // namespace sheafline::sheets
