#include "exam_questions.h"

#include <algorithm>
#include <optional>

#include <sheafline/error.h>
#include <sheafline/text_pattern.h>

namespace sheafline::analyze {

namespace {

const sheets::KeyedAnswer* keyOf(const sheets::Template& sheet, const std::string& column) {
    const auto key = std::ranges::find(sheet.key, column, &sheets::KeyedAnswer::column);
    return key == sheet.key.end() ? nullptr : &*key;
}

double mostPoints(const sheets::KeyedAnswer& key) {
    double most = std::max(key.wrong, key.blank);
    for (const auto& [value, points] : key.right) most = std::max(most, points);
    return most;
}

}  // namespace

std::size_t columnNamed(const std::string& name, const std::vector<std::string>& columns) {
    const auto found = std::ranges::find(columns, name);
    if (found != columns.end()) return static_cast<std::size_t>(found - columns.begin());
    std::string known;
    for (const std::string& column : columns) known += (known.empty() ? "" : ", ") + column;
    throw Error(ErrorClass::permanent, "COLUMN_MISSING",
                "the rows have no column '" + name + "'; the columns are: " + known);
}

std::vector<Question> questionsOf(const sheets::Template& sheet, const std::string& pattern,
                                  const std::vector<std::string>& columns) {
    std::optional<TextPattern> chosen;
    if (!pattern.empty()) chosen.emplace(pattern, TextPattern::Scope::whole);
    std::vector<Question> questions;
    for (const sheets::OutputColumn& column : sheet.output) {
        const sheets::KeyedAnswer* key = keyOf(sheet, column.name);
        const bool candidate = sheet.key.empty()
                                   ? (chosen ? !column.fields.empty() : column.fields.size() == 1)
                                   : key != nullptr;
        if (!candidate || (chosen && !chosen->matches(column.name))) continue;
        Question question{
            .name = column.name, .column = columnNamed(column.name, columns), .key = key};
        if (key != nullptr) question.most_points = mostPoints(*key);
        if (column.fields.size() == 1) {
            for (const auto& bubble : sheet.fields[column.fields.front()].bubbles)
                question.choices.push_back(bubble.value);
        }
        questions.push_back(std::move(question));
    }
    if (questions.empty()) {
        throw Error(ErrorClass::permanent, "NO_QUESTIONS",
                    "the template '" + sheet.name + "' has no question to analyze" +
                        (chosen ? " whose name matches '" + pattern + "'" : "") +
                        "; name its questions in the option questions, or add a key");
    }
    return questions;
}

}  // namespace sheafline::analyze
