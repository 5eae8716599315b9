// What the stage `analyze` computes, as plain values; docs/analysis.md has the formulas. A number
// that is not defined, such as the spread of one sheet, is NaN.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "moments.h"

namespace sheafline::analyze {

inline constexpr int kScoreGroups = 5;  // from the lowest scores to the highest

// A remark on a question or on the exam; the code is stable.
struct Remark {
    std::string code{};  // "NEGATIVE_DISCRIMINATION"
    std::string message{};
};

enum class AnswerKind { right, partial, wrong, blank, unkeyed };

struct AnswerFigures {
    std::string value{};  // empty: without an answer
    AnswerKind kind = AnswerKind::unkeyed;
    bool is_choice = false;  // the value of one bubble of the question
    double points = kUndefined;
    std::int64_t count = 0;
    double share = kUndefined;
    double mean_rest = kUndefined;       // points of the other questions of those who chose it
    double discrimination = kUndefined;  // chose it or not, with the points of the other questions
    std::vector<double> share_by_group{};  // of the score group's sheets; none without groups
};

struct QuestionFigures {
    std::string name{};
    std::size_t choices = 0;  // bubbles
    double most_points = kUndefined;
    double mean = kUndefined;
    double deviation = kUndefined;
    double difficulty = kUndefined;   // mean / most_points
    double right_share = kUndefined;  // of the sheets with the most points
    double blank_share = kUndefined;
    double item_rest = kUndefined;
    double item_total = kUndefined;
    double reliability_without = kUndefined;
    std::vector<AnswerFigures> answers{};
    std::vector<double> difficulty_by_class{};
    std::vector<Remark> remarks{};
};

struct ScoreFigures {
    std::int64_t sheets = 0;
    double mean = kUndefined;
    double deviation = kUndefined;
    double lowest = kUndefined;
    double lower_quartile = kUndefined;
    double median = kUndefined;
    double upper_quartile = kUndefined;
    double highest = kUndefined;
    double reliability = kUndefined;
    double standard_error = kUndefined;  // of measurement
};

struct ClassFigures {
    std::string name{};
    ScoreFigures scores{};
};

struct HistogramBar {
    double from = 0;
    double to = 0;  // not included, except in the last bar
    std::int64_t count = 0;
};

struct SheetCounts {
    bool by_student = false;  // what is counted are students, not sheets
    std::int64_t total = 0;
    std::int64_t analyzed = 0;
    std::int64_t quarantined = 0;
    std::int64_t discarded = 0;
    std::int64_t incomplete = 0;  // students without a page
    bool blank_included = true;
    std::int64_t blank = 0;            // read, without a single answer
    std::int64_t duplicates = 0;       // with the flag sheet:duplicate
    std::int64_t other_score = 0;      // whose column `score` differs from what the key gives
    std::int64_t without_version = 0;  // read, but no version of the exam fits; not analyzed

    const char* noun() const { return by_student ? "student" : "sheet"; }
};

struct Analysis {
    std::string batch_id{};
    std::string title{};
    std::string class_column{};  // empty: not asked for
    bool has_key = false;
    bool dichotomous = false;  // every question gives 0 or 1: the reliability is KR-20
    double most_points = kUndefined;
    SheetCounts sheets{};
    ScoreFigures exam{};
    std::vector<std::int64_t>
        group_sizes{};  // of the score groups; none if there are too few sheets
    std::vector<HistogramBar> histogram{};
    std::vector<ClassFigures> classes{};
    std::vector<QuestionFigures> questions{};
    std::vector<Remark> remarks{};
};

}  // namespace sheafline::analyze
