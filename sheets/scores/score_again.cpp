#include <algorithm>

#include <sheafline/sheets/score_again.h>

#include "marks/column_reading.h"
#include "marks/evidence_identity.h"
#include "marks/page_view.h"
#include "marks/stored_page.h"
#include "scores/score_columns.h"

namespace sheafline::sheets {

std::optional<SettledSheet> settleColumns(std::string_view evidence, const Template& form,
                                          const SheetOrigin& origin,
                                          const std::vector<DecidedColumn>& decided) {
    const auto page = storedPage(evidence, form);
    if (!page) return std::nullopt;
    const Template& sheet = page->sheet;
    SettledSheet settled{.evidence = std::string(evidence), .page = sheet.page};
    std::vector<ColumnReading> columns;
    for (const OutputColumn& column : sheet.output) {
        ColumnReading read = columnOf(column, page->fields, sheet);
        const auto decision = std::ranges::find(decided, column.name, &DecidedColumn::name);
        if (decision != decided.end()) {
            read = {.value = decision->value};
        } else {
            settled.confidence = std::min(settled.confidence, read.confidence);
        }
        settled.values.push_back(read.value);
        columns.push_back(std::move(read));
    }
    putScore(settled.values, origin, sheet);
    settled.values = inColumnsOf(form, sheet, settled.values);
    const bool about_identity = std::ranges::any_of(sheet.identity, [&](std::size_t i) {
        return std::ranges::find(decided, sheet.output[i].name, &DecidedColumn::name) !=
               decided.end();
    });
    if (about_identity) replaceIdentity(settled.evidence, columns, sheet);
    return settled;
}

}  // namespace sheafline::sheets
