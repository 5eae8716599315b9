// Collects the answers of an exam sheet by sheet and computes its figures. Two passes over the same
// sheets: add() for each, then finishScores(), then addToGroups() for each, then result(). Memory
// depends on the numbers of questions, different answers, classes and scores, each of them bounded
// but the last, and not on the number of sheets. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/sheets/template.h>

#include "analysis.h"
#include "exam_questions.h"
#include "moments.h"
#include "score_counts.h"

namespace sheafline::analyze {

inline constexpr std::size_t kMostAnswers = 100;  // different ones of a question; then kOther
inline constexpr std::size_t kMostClasses = 200;  // then kOther
inline constexpr const char* kOther = "(other)";

class ExamStatistics {
 public:
    // `questions` and `sheet` must outlive this object.
    ExamStatistics(const std::vector<Question>& questions, const sheets::Template& sheet);

    // A row of the batch, its version of the exam (into ScoringKey::versions), and its class.
    void add(const std::vector<std::string>& row, std::size_t version, std::string_view class_name);
    void finishScores();
    void addToGroups(const std::vector<std::string>& row, std::size_t version);

    // Figures of the exam, its classes and questions; the caller adds what it knows about the
    // batch.
    Analysis result() const;

 private:
    // The same value of different versions is another answer.
    struct AnswerCount {
        std::string value{};
        std::size_t version = 0;
        Moments rest{};
        std::array<std::int64_t, kScoreGroups> by_group{};
    };
    struct QuestionCount {
        PairMoments points{};  // of the question, and of all others
        std::int64_t right = 0;
        std::int64_t blank = 0;
        std::map<std::string, AnswerCount, std::less<>> answers{};  // by label
    };
    struct ClassCount {
        Moments score{};
        ScoreCounts scores{};
        std::vector<Moments> points{};  // of each question
    };

    double pointsOf(const Question& question, std::size_t version, const std::string& value) const;
    double scoreOf(const std::vector<std::string>& row, std::size_t version) const;
    std::string labelOf(const std::string& value, std::size_t version) const;
    AnswerCount& answerOf(QuestionCount& count, const std::string& value,
                          std::size_t version) const;
    ClassCount& classOf(std::string_view name);
    ScoreFigures figuresOf(const Moments& score, const ScoreCounts& scores,
                           double sum_of_variances) const;
    QuestionFigures figuresOf(std::size_t index) const;
    AnswerFigures figuresOf(const Question& question, const QuestionCount& count,
                            const std::string& label, const AnswerCount& answer) const;

    const std::vector<Question>& questions_;
    const sheets::Template& sheet_;
    const bool has_key_;
    Moments score_{};
    ScoreCounts scores_{};
    std::vector<QuestionCount> counts_;
    std::map<std::string, ClassCount, std::less<>> classes_{};
    std::array<std::int64_t, kScoreGroups> group_sizes_{};
    std::vector<double> points_;  // of the row that is being added
};

}  // namespace sheafline::analyze
