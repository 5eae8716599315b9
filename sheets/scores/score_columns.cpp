#include "scores/score_columns.h"

#include <algorithm>

#include <sheafline/sheets/code_pattern.h>
#include <sheafline/sheets/form_pages.h>
#include <sheafline/sheets/score_again.h>

namespace sheafline::sheets {

void putScore(std::vector<std::string>& values, const SheetOrigin& origin, const Template& sheet) {
    std::vector<NamedValue> answers;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!sheet.output[i].fields.empty())
            answers.push_back({.column = sheet.output[i].name, .value = values[i]});
    }
    const SheetScore score = scoreOf(answers, origin, sheet);
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (sheet.output[i].fields.empty())
            values[i] = sheet.output[i].name == kGrade ? score.grade : score.score;
    }
}

bool knowsVersion(const Template& page) {
    return std::ranges::none_of(page.key.versions, [&](const KeyVersion& version) {
        return std::ranges::any_of(namesIn(version.form), [&](const std::string& name) {
            return name != "qr" && name != "group" &&
                   std::ranges::find(page.output, name, &OutputColumn::name) == page.output.end();
        });
    });
}

std::string flagsWithScore(std::string_view flags, const std::vector<std::string>& values,
                           const Template& sheet, int page) {
    constexpr std::string_view kNoVersion = "score:no_version";
    std::string result(flags);
    if (const auto at = result.find(kNoVersion); at != std::string::npos) {
        result.erase(at > 0 ? at - 1 : at, kNoVersion.size() + (result.size() > kNoVersion.size()));
    }
    if (!knowsVersion(pageNumbered(sheet, page))) return result;
    for (std::size_t i = 0; i < sheet.output.size() && i < values.size(); ++i) {
        const bool is_score = sheet.output[i].fields.empty() && sheet.output[i].name == kScore;
        if (is_score && values[i].empty() && !sheet.key.empty())
            result.append(result.empty() ? "" : ";").append(kNoVersion);
    }
    return result;
}

}  // namespace sheafline::sheets
