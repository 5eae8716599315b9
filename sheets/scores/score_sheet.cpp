#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include <sheafline/sheets/answer_points.h>
#include <sheafline/sheets/code_pattern.h>

#include "scores/marked_choices.h"

namespace sheafline::sheets {

namespace {

// Without needless zeros: 33, 5.5.
std::string scoreText(double score) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.6f", score);
    std::string result(text.data());
    result.erase(result.find_last_not_of('0') + 1);
    if (result.ends_with('.')) result.pop_back();
    return result == "-0" ? "0" : result;
}

double pointsByMarks(const KeyedAnswer& key, std::string_view value, const Template& sheet) {
    std::size_t right = 0;
    std::size_t wrong = 0;
    const auto marked = markedChoices(sheet.fields[key.field], value);
    if (!marked) return key.wrong;
    for (const std::string& choice : *marked)
        ++(std::ranges::find(key.all, choice) != key.all.end() ? right : wrong);
    return key.by_marks.at(right).at(wrong);
}

double pointsBeforeLimits(const KeyedAnswer& key, std::string_view value, const Template& sheet) {
    const bool blank = isBlank(value, sheet);
    if (key.bonus == Bonus::all || (key.bonus == Bonus::attempted && !blank)) return key.points;
    const auto right = std::ranges::find(
        key.right, value, [](const auto& answer) { return std::string_view(answer.first); });
    if (right != key.right.end()) return right->second;
    if (blank) return key.blank;
    return key.all.empty() ? key.wrong : pointsByMarks(key, value, sheet);
}

bool fits(const KeyVersion& version, const std::vector<NamedValue>& answers,
          const SheetOrigin& origin) {
    if (version.form.empty()) return true;
    CodeParts parts;
    for (const auto& [column, value] : answers) parts[std::string(column)] = value;
    parts.emplace("qr", origin.qr);
    parts.emplace("group", origin.group);
    const std::string text = fillForm(version.form, parts);
    return version.match == nullptr ? text == version.name : version.match->matches(text);
}

}  // namespace

bool isBlank(std::string_view value, const Template& sheet) {
    return value.empty() || value == sheet.empty_value;
}

double pointsFor(const KeyedAnswer& key, std::string_view value, const Template& sheet) {
    if (key.cancelled) return 0;
    return key.weight * std::max(key.lowest, pointsBeforeLimits(key, value, sheet));
}

double mostPoints(const KeyedAnswer& key) {
    if (key.cancelled) return 0;
    double most = key.bonus == Bonus::none ? std::max(key.wrong, key.blank) : key.points;
    if (key.bonus != Bonus::all) {
        for (const auto& [value, points] : key.right) most = std::max(most, points);
        for (const auto& points : key.by_marks)
            if (!points.empty()) most = std::max(most, std::ranges::max(points));
    }
    return key.weight * std::max(key.lowest, most);
}

const KeyVersion* versionOf(const std::vector<NamedValue>& answers, const SheetOrigin& origin,
                            const Template& sheet) {
    for (const KeyVersion& version : sheet.key.versions)
        if (fits(version, answers, origin)) return &version;
    return nullptr;
}

SheetScore gradedScore(double points, double most, const ScoringKey& key) {
    constexpr double kRounding = 1e-9;  // of sums such as 0.1 + 0.2
    double score = points;
    if (key.lowest) score = std::max(score, *key.lowest);
    if (key.out_of && most > 0) score *= *key.out_of / most;
    if (key.step > 0) score = std::round(score / key.step + kRounding) * key.step;
    const double full = key.out_of.value_or(most);
    SheetScore result{.score = scoreText(score)};
    for (const Grade& grade : key.grades) {
        const double from = grade.percent ? grade.from / 100 * full : grade.from;
        if (score + kRounding < from) continue;
        result.grade = grade.name;
        break;
    }
    return result;
}

SheetScore scoreOf(const std::vector<NamedValue>& answers, const SheetOrigin& origin,
                   const Template& sheet) {
    const KeyVersion* version = versionOf(answers, origin, sheet);
    if (version == nullptr) return {};
    double points = 0;
    double most = 0;
    for (const KeyedAnswer& key : version->answers) {
        most += mostPoints(key);
        const auto answer = std::ranges::find(answers, key.column, &NamedValue::column);
        if (answer != answers.end()) points += pointsFor(key, answer->value, sheet);
    }
    return gradedScore(points, most, sheet.key);
}

}  // namespace sheafline::sheets
