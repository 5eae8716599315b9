#include <algorithm>

#include <Poco/Exception.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <sheafline/sheets/form_pages.h>
#include <sheafline/sheets/score_again.h>

#include "marks/column_reading.h"
#include "marks/evidence_identity.h"
#include "marks/page_view.h"
#include "scores/score_columns.h"

namespace sheafline::sheets {

namespace {

FieldFlag flagNamed(const std::string& name) {
    for (const FieldFlag flag : {FieldFlag::ok, FieldFlag::blank, FieldFlag::multiple,
                                 FieldFlag::faint, FieldFlag::erased, FieldFlag::circled}) {
        if (toString(flag) == name) return flag;
    }
    return FieldFlag::unreadable;
}

// What was read of a page, and the template of that page.
struct StoredPage {
    const Template& sheet;
    std::vector<FieldReading> fields{};  // one for each of the template's fields
};

// Throws Poco::Exception if a field is missing.
StoredPage storedPage(std::string_view evidence, const Template& form) {
    const auto json =
        Poco::JSON::Parser().parse(std::string(evidence)).extract<Poco::JSON::Object::Ptr>();
    const auto fields = json->getObject("fields");
    if (fields.isNull()) throw Poco::NotFoundException("fields");
    StoredPage page{.sheet = pageNumbered(form, json->optValue("page", 0))};
    for (const Field& field : page.sheet.fields) {
        const auto stored = fields->getObject(field.name);
        if (stored.isNull()) throw Poco::NotFoundException(field.name);
        page.fields.push_back({.value = stored->getValue<std::string>("value"),
                               .flag = flagNamed(stored->getValue<std::string>("flag")),
                               .confidence = stored->optValue<double>("confidence", 1)});
    }
    return page;
}

std::optional<StoredPage> pageIn(std::string_view evidence, const Template& form) {
    try {
        return storedPage(evidence, form);
    } catch (const Poco::Exception&) {
        return std::nullopt;
    }
}

}  // namespace

std::optional<SettledSheet> settleColumns(std::string_view evidence, const Template& form,
                                          const SheetOrigin& origin,
                                          const std::vector<DecidedColumn>& decided) {
    const auto page = pageIn(evidence, form);
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
