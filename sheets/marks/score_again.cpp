#include <algorithm>

#include <Poco/Exception.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <sheafline/sheets/score_again.h>

#include "marks/column_reading.h"
#include "marks/evidence_identity.h"
#include "marks/score_sheet.h"

namespace sheafline::sheets {

namespace {

FieldFlag flagNamed(const std::string& name) {
    for (const FieldFlag flag : {FieldFlag::ok, FieldFlag::blank, FieldFlag::multiple,
                                 FieldFlag::faint, FieldFlag::erased, FieldFlag::circled}) {
        if (toString(flag) == name) return flag;
    }
    return FieldFlag::unreadable;
}

// Of each of the template's fields the value and the flag; throws Poco::Exception if one is
// missing.
std::vector<FieldReading> storedFields(std::string_view evidence, const Template& sheet) {
    const auto json = Poco::JSON::Parser()
                          .parse(std::string(evidence))
                          .extract<Poco::JSON::Object::Ptr>()
                          ->getObject("fields");
    if (json.isNull()) throw Poco::NotFoundException("fields");
    std::vector<FieldReading> fields;
    for (const Field& field : sheet.fields) {
        const auto stored = json->getObject(field.name);
        if (stored.isNull()) throw Poco::NotFoundException(field.name);
        fields.push_back({.value = stored->getValue<std::string>("value"),
                          .flag = flagNamed(stored->getValue<std::string>("flag")),
                          .confidence = stored->optValue<double>("confidence", 1)});
    }
    return fields;
}

std::optional<std::vector<FieldReading>> fieldsIn(std::string_view evidence,
                                                  const Template& sheet) {
    try {
        return storedFields(evidence, sheet);
    } catch (const Poco::Exception&) {
        return std::nullopt;
    }
}

// Puts the score where a column has no fields.
void putScore(std::vector<std::string>& columns, const Template& sheet) {
    std::vector<NamedValue> answers;
    for (std::size_t i = 0; i < columns.size(); ++i)
        answers.push_back({sheet.output[i].name, columns[i]});
    const std::string score = scoreText(scoreOf(answers, sheet));
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (sheet.output[i].fields.empty()) columns[i] = score;
    }
}

}  // namespace

std::optional<std::vector<std::string>> scoreAgain(std::string_view evidence,
                                                   const Template& sheet) {
    const auto fields = fieldsIn(evidence, sheet);
    if (!fields) return std::nullopt;
    std::vector<std::string> columns;
    for (const OutputColumn& column : sheet.output)
        columns.push_back(columnOf(column, *fields, sheet).value);
    putScore(columns, sheet);
    return columns;
}

std::optional<SettledSheet> settleColumns(std::string_view evidence, const Template& sheet,
                                          const std::vector<DecidedColumn>& decided) {
    const auto fields = fieldsIn(evidence, sheet);
    if (!fields) return std::nullopt;
    SettledSheet settled{.evidence = std::string(evidence)};
    std::vector<ColumnReading> columns;
    for (const OutputColumn& column : sheet.output) {
        ColumnReading read = columnOf(column, *fields, sheet);
        const auto decision = std::ranges::find(decided, column.name, &DecidedColumn::name);
        if (decision != decided.end()) {
            read = {.value = decision->value};
        } else {
            settled.confidence = std::min(settled.confidence, read.confidence);
        }
        settled.values.push_back(read.value);
        columns.push_back(std::move(read));
    }
    putScore(settled.values, sheet);
    const bool about_identity = std::ranges::any_of(sheet.identity, [&](std::size_t i) {
        return std::ranges::find(decided, sheet.output[i].name, &DecidedColumn::name) !=
               decided.end();
    });
    if (about_identity) replaceIdentity(settled.evidence, columns, sheet);
    return settled;
}

}  // namespace sheafline::sheets
