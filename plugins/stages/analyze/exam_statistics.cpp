#include "exam_statistics.h"

#include <algorithm>
#include <cmath>

#include <sheafline/sheets/answer_points.h>

namespace sheafline::analyze {

namespace {

constexpr std::int64_t kLeastForGroups = 20;

double share(std::int64_t part, std::int64_t whole) {
    return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : kUndefined;
}

// Cronbach's alpha of k questions, from the variances of the questions and of their sum.
double alpha(std::size_t k, double sum_of_variances, double variance) {
    if (k < 2 || !(variance > 1e-12)) return kUndefined;
    const auto questions = static_cast<double>(k);
    return questions / (questions - 1) * (1 - sum_of_variances / variance);
}

// Whether every answer gives 0 or 1.
bool isDichotomous(const sheets::KeyedAnswer& key) {
    const auto is_bit = [&](double points) {
        const double counted = key.weight * std::max(key.lowest, points);
        return counted == 0 || counted == 1;
    };
    return is_bit(key.wrong) && is_bit(key.blank) &&
           (key.bonus == sheets::Bonus::none || is_bit(key.points)) &&
           std::ranges::all_of(key.right,
                               [&](const auto& right) { return is_bit(right.second); }) &&
           std::ranges::all_of(key.by_marks,
                               [&](const auto& row) { return std::ranges::all_of(row, is_bit); });
}

}  // namespace

ExamStatistics::ExamStatistics(const std::vector<Question>& questions,
                               const sheets::Template& sheet)
    : questions_(questions),
      sheet_(sheet),
      has_key_(!sheet.key.empty()),
      counts_(questions.size()),
      points_(questions.size()) {
    // Every choice is listed, also one that nobody chose.
    const std::size_t versions = std::max<std::size_t>(1, sheet.key.versions.size());
    for (std::size_t i = 0; i < questions.size(); ++i) {
        for (std::size_t version = 0; version < versions; ++version) {
            const sheets::KeyedAnswer* key = questions[i].keyOf(version);
            if (has_key_ && key == nullptr) continue;
            for (const std::string& choice : questions[i].choices)
                answerOf(counts_[i], choice, version);
            if (key == nullptr) continue;
            for (const auto& [value, points] : key->right) {
                if (!sheets::isBlank(value, sheet)) answerOf(counts_[i], value, version);
            }
        }
    }
}

double ExamStatistics::pointsOf(const Question& question, std::size_t version,
                                const std::string& value) const {
    const sheets::KeyedAnswer* key = question.keyOf(version);
    return key == nullptr ? 0 : sheets::pointsFor(*key, value, sheet_);
}

double ExamStatistics::scoreOf(const std::vector<std::string>& row, std::size_t version) const {
    double score = 0;
    for (const Question& question : questions_)
        score += pointsOf(question, version, row[question.column]);
    return score;
}

std::string ExamStatistics::labelOf(const std::string& value, std::size_t version) const {
    const auto& versions = sheet_.key.versions;
    if (value.empty() || versions.size() < 2 || versions[version].name.empty()) return value;
    return value + " (" + versions[version].name + ")";
}

ExamStatistics::AnswerCount& ExamStatistics::answerOf(QuestionCount& count,
                                                      const std::string& value,
                                                      std::size_t version) const {
    const std::string& known = sheets::isBlank(value, sheet_) ? std::string() : value;
    std::string label = labelOf(known, version);
    const auto found = count.answers.find(label);
    if (found != count.answers.end()) return found->second;
    const bool other = !known.empty() && count.answers.size() >= kMostAnswers;
    if (other) label = kOther;
    AnswerCount& added = count.answers[label];
    added.value = other ? kOther : known;
    added.version = version;
    return added;
}

ExamStatistics::ClassCount& ExamStatistics::classOf(std::string_view name) {
    auto found = classes_.find(name);
    if (found == classes_.end()) {
        found = classes_.try_emplace(classes_.size() >= kMostClasses ? kOther : std::string(name))
                    .first;
        found->second.points.resize(questions_.size());
    }
    return found->second;
}

void ExamStatistics::add(const std::vector<std::string>& row, std::size_t version,
                         std::string_view class_name) {
    double score = 0;
    for (std::size_t i = 0; i < questions_.size(); ++i) {
        points_[i] = pointsOf(questions_[i], version, row[questions_[i].column]);
        score += points_[i];
    }
    score_.add(score);
    scores_.add(score);
    ClassCount& of_class = classOf(class_name);
    of_class.score.add(score);
    of_class.scores.add(score);
    for (std::size_t i = 0; i < questions_.size(); ++i) {
        const Question& question = questions_[i];
        const std::string& value = row[question.column];
        QuestionCount& count = counts_[i];
        const double rest = score - points_[i];
        count.points.add(points_[i], rest);
        of_class.points[i].add(points_[i]);
        if (sheets::isBlank(value, sheet_)) ++count.blank;
        const sheets::KeyedAnswer* key = question.keyOf(version);
        if (key != nullptr && points_[i] >= sheets::mostPoints(*key)) ++count.right;
        answerOf(count, value, version).rest.add(rest);
    }
}

void ExamStatistics::finishScores() { scores_.finish(); }

void ExamStatistics::addToGroups(const std::vector<std::string>& row, std::size_t version) {
    if (!has_key_ || scores_.sheets() < kLeastForGroups) return;
    const auto group = static_cast<std::size_t>(scores_.groupOf(scoreOf(row, version)));
    ++group_sizes_.at(group);
    for (std::size_t i = 0; i < questions_.size(); ++i) {
        ++answerOf(counts_[i], row[questions_[i].column], version).by_group.at(group);
    }
}

ScoreFigures ExamStatistics::figuresOf(const Moments& score, const ScoreCounts& scores,
                                       double sum_of_variances) const {
    ScoreFigures figures{.sheets = score.count()};
    if (!has_key_) return figures;
    figures.mean = score.mean();
    figures.deviation = score.deviation();
    figures.lowest = scores.lowest();
    figures.lower_quartile = scores.quantile(0.25);
    figures.median = scores.quantile(0.5);
    figures.upper_quartile = scores.quantile(0.75);
    figures.highest = scores.highest();
    figures.reliability = alpha(questions_.size(), sum_of_variances, score.variance());
    figures.standard_error = figures.deviation * std::sqrt(1 - figures.reliability);
    return figures;
}

AnswerFigures ExamStatistics::figuresOf(const Question& question, const QuestionCount& count,
                                        const std::string& label, const AnswerCount& answer) const {
    const std::int64_t sheets = score_.count();
    const std::string& value = answer.value;
    AnswerFigures figures{
        .value = label,
        .kind = value.empty() ? AnswerKind::blank : AnswerKind::unkeyed,
        .is_choice = std::ranges::find(question.choices, value) != question.choices.end(),
        .count = answer.rest.count(),
        .share = share(answer.rest.count(), sheets)};
    const sheets::KeyedAnswer* key = question.keyOf(answer.version);
    if (key == nullptr) return figures;
    if (value != kOther) figures.points = pointsOf(question, answer.version, value);
    if (figures.points >= sheets::mostPoints(*key)) {
        figures.kind = AnswerKind::right;
    } else if (!value.empty()) {
        const double wrong = key->weight * std::max(key->lowest, key->wrong);
        figures.kind =
            figures.points > std::max(0.0, wrong) ? AnswerKind::partial : AnswerKind::wrong;
    }
    figures.mean_rest = answer.rest.mean();
    // The point-biserial correlation of a yes or no with a value is Pearson's r.
    const Moments& rest = count.points.y();
    const double p = figures.share;
    const auto n = static_cast<double>(sheets);
    const double deviation = std::sqrt(rest.variance() * (n - 1) / n);
    if (p > 0 && p < 1 && deviation > 1e-6)
        figures.discrimination =
            (answer.rest.mean() - rest.mean()) / deviation * std::sqrt(p / (1 - p));
    return figures;
}

QuestionFigures ExamStatistics::figuresOf(std::size_t index) const {
    const Question& question = questions_[index];
    const QuestionCount& count = counts_[index];
    QuestionFigures figures{.name = question.name,
                            .choices = question.choices.size(),
                            .blank_share = share(count.blank, score_.count())};
    if (has_key_) {
        figures.most_points = question.most_points;
        figures.mean = count.points.x().mean();
        figures.deviation = count.points.x().deviation();
        if (question.most_points > 0) figures.difficulty = figures.mean / question.most_points;
        figures.right_share = share(count.right, score_.count());
        figures.item_rest = count.points.correlation();
        figures.item_total = count.points.correlationWithSum();
    }
    for (const auto& [label, answer] : count.answers) {
        figures.answers.push_back(figuresOf(question, count, label, answer));
        if (!has_key_ || scores_.sheets() < kLeastForGroups) continue;
        for (int group = 0; group < kScoreGroups; ++group) {
            const auto at = static_cast<std::size_t>(group);
            figures.answers.back().share_by_group.push_back(
                share(answer.by_group.at(at), group_sizes_.at(at)));
        }
    }
    // The blank answer comes last, after the answers in alphabetical order.
    std::stable_partition(figures.answers.begin(), figures.answers.end(),
                          [](const AnswerFigures& answer) { return !answer.value.empty(); });
    return figures;
}

Analysis ExamStatistics::result() const {
    Analysis analysis{.has_key = has_key_};
    analysis.dichotomous = has_key_;
    double most_points = 0;
    double sum_of_variances = 0;
    for (std::size_t i = 0; i < questions_.size(); ++i) {
        sum_of_variances += counts_[i].points.x().variance();
        most_points += questions_[i].most_points;
        analysis.questions.push_back(figuresOf(i));
        for (const sheets::KeyedAnswer* key : questions_[i].keys) {
            if (key != nullptr && !isDichotomous(*key)) analysis.dichotomous = false;
        }
    }
    analysis.exam = figuresOf(score_, scores_, sum_of_variances);
    if (has_key_) {
        analysis.most_points = most_points;
        analysis.histogram = scores_.histogram(most_points);
        for (std::size_t i = 0; i < questions_.size(); ++i) {
            analysis.questions[i].reliability_without =
                alpha(questions_.size() - 1, sum_of_variances - counts_[i].points.x().variance(),
                      counts_[i].points.y().variance());
        }
        if (scores_.sheets() >= kLeastForGroups)
            analysis.group_sizes.assign(group_sizes_.begin(), group_sizes_.end());
    }
    for (const auto& [name, of_class] : classes_) {
        double variances = 0;
        for (const Moments& points : of_class.points) variances += points.variance();
        analysis.classes.push_back(
            {.name = name, .scores = figuresOf(of_class.score, of_class.scores, variances)});
        for (std::size_t i = 0; i < questions_.size(); ++i) {
            const double most = questions_[i].most_points;
            analysis.questions[i].difficulty_by_class.push_back(
                has_key_ && most > 0 ? of_class.points[i].mean() / most : kUndefined);
        }
    }
    return analysis;
}

}  // namespace sheafline::analyze
