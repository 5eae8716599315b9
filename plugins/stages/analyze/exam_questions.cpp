#include "exam_questions.h"

#include <algorithm>
#include <optional>

#include <sheafline/error.h>
#include <sheafline/sheets/answer_points.h>
#include <sheafline/text_pattern.h>

namespace sheafline::analyze {

namespace {

// A question that is cancelled in a version does not count there.
std::vector<const sheets::KeyedAnswer*> keysOf(const sheets::Template& sheet,
                                               const std::string& column) {
    std::vector<const sheets::KeyedAnswer*> keys;
    for (const sheets::KeyVersion& version : sheet.key.versions) {
        const auto key = std::ranges::find(version.answers, column, &sheets::KeyedAnswer::column);
        const bool counts = key != version.answers.end() && !key->cancelled;
        keys.push_back(counts ? &*key : nullptr);
    }
    return keys;
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
        auto keys = keysOf(sheet, column.name);
        const bool keyed =
            std::ranges::any_of(keys, [](const auto* key) { return key != nullptr; });
        const bool candidate = sheet.key.empty()
                                   ? (chosen ? !column.fields.empty() : column.fields.size() == 1)
                                   : keyed;
        if (!candidate || (chosen && !chosen->matches(column.name))) continue;
        Question question{
            .name = column.name, .column = columnNamed(column.name, columns), .keys = keys};
        bool first = true;
        for (const sheets::KeyedAnswer* key : keys) {
            if (key == nullptr) continue;
            const double most = sheets::mostPoints(*key);
            question.most_points = first ? most : std::max(question.most_points, most);
            first = false;
        }
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
