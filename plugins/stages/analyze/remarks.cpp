#include "remarks.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include <sheafline/shown_text.h>

#include "shown_number.h"

namespace sheafline::analyze {

namespace {

constexpr std::int64_t kLeastForFigures = 30;  // sheets
constexpr double kEasy = 0.95;
constexpr double kUnused = 0.05;  // a wrong answer that fewer choose does not distract
constexpr double kOftenBlank = 0.2;
constexpr double kLowReliability = 0.7;

std::uint64_t countOf(std::int64_t count) { return static_cast<std::uint64_t>(count); }

bool isChoice(const AnswerFigures& answer, AnswerKind kind) {
    return answer.kind == kind && !answer.value.empty();
}

void judgeAnswers(QuestionFigures& question) {
    const auto& answers = question.answers;
    const auto right = std::ranges::find_if(
        answers, [](const auto& answer) { return isChoice(answer, AnswerKind::right); });
    const auto wrong = std::ranges::count_if(answers, [](const auto& answer) {
        return answer.is_choice && answer.kind == AnswerKind::wrong;
    });
    // In an easy question no wrong answer has many sheets.
    const double even_share =
        (1 - question.right_share) / static_cast<double>(std::max(wrong, {1}));
    std::string unused;
    for (const AnswerFigures& answer : answers) {
        if (!isChoice(answer, AnswerKind::wrong)) continue;
        if (answer.is_choice && answer.share < std::min(kUnused, even_share / 3))
            unused += (unused.empty() ? "" : ", ") + answer.value;
        if (right == answers.end() || answer.share < kUnused) continue;
        const bool best_choose_it = !answer.share_by_group.empty() &&
                                    answer.share_by_group.back() > right->share_by_group.back();
        if (best_choose_it && answer.discrimination > 0 &&
            !(right->discrimination > answer.discrimination)) {
            question.remarks.push_back({"KEY_IN_DOUBT", "the best fifth chose " + answer.value +
                                                            " more often than " + right->value +
                                                            "; check the key"});
        } else if (answer.discrimination > 0.1) {
            question.remarks.push_back(
                {"MISLEADING_ANSWER", "better students tend to choose the wrong answer " +
                                          answer.value + "; check its wording"});
        }
    }
    if (!unused.empty()) {
        question.remarks.push_back(
            {"UNUSED_ANSWER", "almost nobody chose " + unused + "; replace it"});
    }
}

double guessing(const QuestionFigures& question) {
    const std::size_t choices = question.choices;
    return choices > 1 ? 1.0 / static_cast<double>(choices) : 0.0;
}

void judge(QuestionFigures& question, const Limits& limits) {
    auto& remarks = question.remarks;
    if (question.item_rest < 0) {
        remarks.push_back(
            {"NEGATIVE_DISCRIMINATION",
             "good students do worse here than weak ones; check the key and the text"});
    } else if (question.item_rest < limits.min_discrimination) {
        remarks.push_back(
            {"LOW_DISCRIMINATION", "does not separate good students from weak ones (" +
                                       shownNumber(question.item_rest, 2) + ")"});
    } else if (!(question.deviation > 0)) {
        remarks.push_back({"NO_VARIATION",
                           "all sheets have the same points, so the question "
                           "does not separate anyone"});
    }
    if (question.difficulty > kEasy) {
        remarks.push_back({"TOO_EASY", "the students reach " + shownPercent(question.difficulty) +
                                           " of the points"});
    } else if (question.difficulty < guessing(question)) {
        remarks.push_back({"TOO_HARD", "the students reach " + shownPercent(question.difficulty) +
                                           " of the points, less than guessing gives"});
    }
    if (question.blank_share > kOftenBlank) {
        remarks.push_back({"OFTEN_BLANK", shownPercent(question.blank_share) + " gave no answer"});
    }
    judgeAnswers(question);
}

void judgeExam(Analysis& analysis) {
    auto& remarks = analysis.remarks;
    const SheetCounts& sheets = analysis.sheets;
    if (!analysis.has_key) {
        remarks.push_back({"NO_KEY",
                           "the template has no key, so there are no scores; the tables show how "
                           "often each answer was given"});
    } else if (sheets.analyzed < kLeastForFigures) {
        remarks.push_back({"FEW_SHEETS", "with " +
                                             counted(countOf(sheets.analyzed), sheets.noun()) +
                                             ", discrimination and reliability vary by chance"});
    }
    if (analysis.exam.reliability < kLowReliability) {
        remarks.push_back(
            {"LOW_RELIABILITY",
             "the reliability is below 0.7: scores of single students are uncertain"});
    }
    if (sheets.duplicates > 0) {
        remarks.push_back(
            {"DUPLICATES", "pages that were scanned more than once count more than once (" +
                               counted(countOf(sheets.duplicates), "row") +
                               "); set duplicates: first in the stage collect"});
    }
    if (sheets.blank > 0 && sheets.blank_included) {
        remarks.push_back({"BLANK_SHEETS", counted(countOf(sheets.blank), sheets.noun()) +
                                               " without any answer " +
                                               (sheets.blank == 1 ? "is" : "are") + " included"});
    }
    if (sheets.incomplete > 0) {
        remarks.push_back({"INCOMPLETE", counted(countOf(sheets.incomplete), sheets.noun()) +
                                             (sheets.incomplete == 1 ? " lacks" : " lack") +
                                             " a page and " +
                                             (sheets.incomplete == 1 ? "is" : "are") +
                                             " not analyzed; look for the sheets"});
    }
    if (sheets.without_version > 0) {
        remarks.push_back({"NO_VERSION", counted(countOf(sheets.without_version), sheets.noun()) +
                                             (sheets.without_version == 1 ? " fits" : " fit") +
                                             " no version of the exam and " +
                                             (sheets.without_version == 1 ? "is" : "are") +
                                             " not analyzed; decide about the version column"});
    }
    if (sheets.other_score > 0) {
        remarks.push_back({"OTHER_SCORE", counted(countOf(sheets.other_score), "row") +
                                              (sheets.other_score == 1 ? " has" : " have") +
                                              " a score that the key does not give; use the "
                                              "template of the stage that read the sheets"});
    }
}

}  // namespace

bool isGrave(const Remark& remark) {
    return remark.code == "NEGATIVE_DISCRIMINATION" || remark.code == "KEY_IN_DOUBT";
}

void addRemarks(Analysis& analysis, const Limits& limits) {
    judgeExam(analysis);
    if (!analysis.has_key || analysis.sheets.analyzed < kLeastForJudgment) return;
    for (QuestionFigures& question : analysis.questions) judge(question, limits);
}

}  // namespace sheafline::analyze
