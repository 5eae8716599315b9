#include "silent_errors.h"

#include <sheafline/sheets/load_template.h>
#include <sheafline/sheets/read_sheet.h>

namespace sheafline::sheets {

std::string silentErrors(const GreyImage& page, const SampledSheet& sample) {
    const Template sheet =
        loadTemplate(SHEAFLINE_SOURCE_DIR "/pipelines/templates/demo-sheet.yaml");
    try {
        const SheetReading reading = readSheet(page, sheet, {.qr = sample.truth.qr});
        std::string wrong;
        for (std::size_t i = 0; i < sheet.output.size(); ++i) {
            const ColumnReading& column = reading.columns[i];
            const std::string& truth = sample.truth.answers.at(sheet.output[i].name);
            if (column.flag == FieldFlag::ok && column.value != truth)
                wrong += sheet.output[i].name + "=" + column.value + " ";
        }
        return wrong;
    } catch (const UnreadableSheet& error) {
        return error.what();
    }
}

}  // namespace sheafline::sheets
