// A sheet with what was read drawn over it, as PNG, so that a template is made by looking and a
// decision is explained by a picture. Pure; any thread. Throws std::runtime_error where the encoder
// rejects.
//
//     green  read as marked          orange  flagged
//     grey   read as empty           blue    fiducials, as they were found, and images
//
// On a sheet that was rejected: grey where the template has a bubble, green where its outline was
// found, orange the line from one to the other, red where no outline is; or, where the corner marks
// were not found, red where they are expected. The reason is written at the top.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/export.h>
#include <sheafline/sheets/grey_image.h>
#include <sheafline/sheets/read_sheet.h>
#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

using PngBytes = std::vector<std::uint8_t>;

// The whole page, upright.
SHEAFLINE_API PngBytes drawOverlay(const GreyImage& page, const Template& sheet,
                                   const SheetReading& reading);

// The bubbles of one field and a little around them.
SHEAFLINE_API PngBytes drawField(const GreyImage& page, const Template& sheet,
                                 const SheetReading& reading, std::size_t field);

// The bubbles of a field or of an output column, by name, with up to `rows` rows of fields above
// and below it and the labels beside them; empty if the template has no such name.
SHEAFLINE_API std::optional<PngBytes> drawAnswer(const GreyImage& page, const Template& sheet,
                                                 const SheetReading& reading, std::string_view name,
                                                 int rows = 0);

// One of the template's images, by name, cut out of the page, upright and without drawings; empty
// if the template, or this page of a form, has no such image. Throws UnreadableSheet if the page
// cannot be aligned.
SHEAFLINE_API std::optional<PngBytes> cutOut(const GreyImage& page, const Template& sheet,
                                             std::string_view name,
                                             const ReadSheetOptions& options = {});

// The doubtful bubbles of every flagged answer; empty for a sheet without flags.
struct DoubtfulField {
    std::string name{};
    FieldFlag flag = FieldFlag::ok;  // of its column
    PngBytes picture{};
};

SHEAFLINE_API std::vector<DoubtfulField> drawDoubtfulFields(const GreyImage& page,
                                                            const Template& sheet,
                                                            const SheetReading& reading);

// The output of `sheafline template check` for a template and a scan: the overlay, and the row of
// results, one line per column. A sheet that cannot be read is drawn with the expected positions
// and those that were found, if there is an approximate map.
struct TemplateCheck {
    PngBytes picture{};
    std::string report{};
    bool readable = true;
};

SHEAFLINE_API TemplateCheck checkSheet(const GreyImage& page, const Template& sheet,
                                       const ReadSheetOptions& options = {});
SHEAFLINE_API TemplateCheck checkTemplate(const std::filesystem::path& template_file,
                                          const std::filesystem::path& sheet_file);

}  // namespace sheafline::sheets
