#include <Poco/Exception.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <sheafline/sheets/score_again.h>

#include "marks/column_reading.h"
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
                          .flag = flagNamed(stored->getValue<std::string>("flag"))});
    }
    return fields;
}

}  // namespace

std::optional<std::vector<std::string>> scoreAgain(std::string_view evidence,
                                                   const Template& sheet) {
    std::vector<FieldReading> fields;
    try {
        fields = storedFields(evidence, sheet);
    } catch (const Poco::Exception&) {
        return std::nullopt;
    }
    std::vector<std::string> columns;
    for (const OutputColumn& column : sheet.output)
        columns.push_back(columnOf(column, fields, sheet).value);
    std::vector<NamedValue> answers;
    for (std::size_t i = 0; i < columns.size(); ++i)
        answers.push_back({sheet.output[i].name, columns[i]});
    const std::string score = scoreText(scoreOf(answers, sheet));
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (sheet.output[i].fields.empty()) columns[i] = score;
    }
    return columns;
}

}  // namespace sheafline::sheets
