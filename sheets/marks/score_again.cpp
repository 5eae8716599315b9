#include <Poco/Exception.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <sheafline/sheets/score_again.h>

#include "marks/score_sheet.h"

namespace sheafline::sheets {

namespace {

// The value of each of the template's fields; throws Poco::Exception if one is missing.
std::vector<std::string> fieldValues(std::string_view evidence, const Template& sheet) {
    const auto json = Poco::JSON::Parser()
                          .parse(std::string(evidence))
                          .extract<Poco::JSON::Object::Ptr>()
                          ->getObject("fields");
    if (json.isNull()) throw Poco::NotFoundException("fields");
    std::vector<std::string> values;
    for (const Field& field : sheet.fields) {
        const auto stored = json->getObject(field.name);
        if (stored.isNull()) throw Poco::NotFoundException(field.name);
        values.push_back(stored->getValue<std::string>("value"));
    }
    return values;
}

}  // namespace

std::optional<std::vector<std::string>> scoreAgain(std::string_view evidence,
                                                   const Template& sheet) {
    std::vector<std::string> values;
    try {
        values = fieldValues(evidence, sheet);
    } catch (const Poco::Exception&) {
        return std::nullopt;
    }
    std::vector<std::string> columns;
    for (const OutputColumn& column : sheet.output) {
        std::string& text = columns.emplace_back();
        for (const std::size_t field : column.fields)
            text += values[field].empty() ? sheet.empty_value : values[field];
    }
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
