#include "marks/score_sheet.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include <sheafline/sheets/answer_points.h>

namespace sheafline::sheets {

bool isBlank(std::string_view value, const Template& sheet) {
    return value.empty() || value == sheet.empty_value;
}

double pointsFor(const KeyedAnswer& key, std::string_view value, const Template& sheet) {
    const auto right = std::ranges::find(
        key.right, value, [](const auto& answer) { return std::string_view(answer.first); });
    if (right != key.right.end()) return right->second;
    return isBlank(value, sheet) ? key.blank : key.wrong;
}

double scoreOf(const std::vector<NamedValue>& answers, const Template& sheet) {
    double score = 0;
    for (const KeyedAnswer& key : sheet.key) {
        const auto answer = std::ranges::find(answers, key.column, &NamedValue::column);
        if (answer != answers.end()) score += pointsFor(key, answer->value, sheet);
    }
    return score;
}

std::string scoreText(double score) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.6f", score);
    std::string result(text.data());
    result.erase(result.find_last_not_of('0') + 1);
    if (result.ends_with('.')) result.pop_back();
    return result == "-0" ? "0" : result;
}

}  // namespace sheafline::sheets
