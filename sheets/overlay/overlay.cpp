#include <algorithm>
#include <iterator>
#include <optional>

#include <sheafline/sheets/overlay.h>

#include "marks/page_view.h"
#include "overlay/page_overlay.h"
#include "overlay/rows_around.h"

namespace sheafline::sheets {

namespace {

// Those with a flag of their own; where only their confidence is low, the least certain one.
std::vector<std::size_t> fieldsInDoubt(const OutputColumn& column, const SheetReading& reading) {
    std::vector<std::size_t> fields;
    std::ranges::copy_if(column.fields, std::back_inserter(fields), [&](std::size_t field) {
        return reading.fields[field].flag != FieldFlag::ok;
    });
    if (fields.empty() && !column.fields.empty())
        fields.push_back(*std::ranges::min_element(column.fields, {}, [&](std::size_t field) {
            return reading.fields[field].confidence;
        }));
    return fields;
}

// The fields of an answer: the field of this name, or those of the column.
std::vector<std::size_t> fieldsOf(const Template& sheet, std::string_view name) {
    const auto field = std::ranges::find(sheet.fields, name, &Field::name);
    if (field != sheet.fields.end())
        return {static_cast<std::size_t>(field - sheet.fields.begin())};
    const auto column = std::ranges::find(sheet.output, name, &OutputColumn::name);
    return column == sheet.output.end() ? std::vector<std::size_t>{} : column->fields;
}

}  // namespace

PngBytes drawOverlay(const GreyImage& page, const Template& sheet, const SheetReading& reading) {
    const PageView view(sheet, reading);
    return PageOverlay(page, view.sheet, view.reading).image().png();
}

PngBytes drawField(const GreyImage& page, const Template& sheet, const SheetReading& reading,
                   std::size_t field) {
    const PageView view(sheet, reading);
    const PageOverlay overlay(page, view.sheet, view.reading);
    return overlay.image().cropped(overlay.boxOf(field)).png();
}

std::optional<PngBytes> drawAnswer(const GreyImage& page, const Template& form,
                                   const SheetReading& reading, std::string_view name, int rows) {
    const PageView view(form, reading);
    const Template& sheet = view.sheet;
    const std::vector<std::size_t> fields = fieldsOf(sheet, name);
    if (fields.empty()) return std::nullopt;
    const PageOverlay overlay(page, sheet, view.reading);
    std::vector<PixelBox> all;
    for (std::size_t i = 0; i < sheet.fields.size(); ++i) all.push_back(overlay.boxOf(i));
    PixelBox box = all[fields.front()];
    for (const std::size_t field : fields) box = together(box, all[field]);
    return overlay.image().cropped(rows > 0 ? withRowsAround(box, all, rows) : box).png();
}

std::vector<DoubtfulField> drawDoubtfulFields(const GreyImage& page, const Template& form,
                                              const SheetReading& form_reading) {
    const PageView view(form, form_reading);
    const Template& sheet = view.sheet;
    const SheetReading& reading = view.reading;
    std::vector<DoubtfulField> doubtful;
    std::optional<PageOverlay> overlay;
    for (std::size_t i = 0; i < sheet.output.size(); ++i) {
        const FieldFlag flag = reading.columns[i].flag;
        if (flag == FieldFlag::ok) continue;
        for (const std::size_t field : fieldsInDoubt(sheet.output[i], reading)) {
            if (!overlay) overlay.emplace(page, sheet, reading);
            doubtful.push_back({.name = sheet.fields[field].name,
                                .flag = flag,
                                .picture = overlay->image().cropped(overlay->boxOf(field)).png()});
        }
    }
    return doubtful;
}

}  // namespace sheafline::sheets
