#include "report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>

#include <sheafline/shown_text.h>

#include "charts.h"
#include "markup.h"
#include "question_cards.h"
#include "remarks.h"
#include "report_style.h"
#include "shown_number.h"

namespace sheafline::analyze {

namespace {

std::string tile(const std::string& value, const std::string& name) {
    return "<div class=\"tile\"><b>" + escaped(value) + "</b><span>" + escaped(name) +
           "</span></div>";
}

std::string head(const Analysis& analysis) {
    const std::string title = escaped(analysis.title);
    return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
           "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
           "style-src 'unsafe-inline'\">\n<title>" +
           title + "</title>\n<style>" + kReportStyle + "</style>\n</head>\n<body>\n<main>\n<h1>" +
           title + "</h1>\n";
}

std::string sheetCounts(const Analysis& analysis) {
    const SheetCounts& sheets = analysis.sheets;
    std::string text = std::to_string(sheets.analyzed) + " of " +
                       counted(static_cast<std::uint64_t>(sheets.total), sheets.noun()) +
                       " analyzed";
    if (sheets.incomplete > 0) text += ", " + std::to_string(sheets.incomplete) + " incomplete";
    if (sheets.quarantined > 0) text += ", " + std::to_string(sheets.quarantined) + " quarantined";
    if (sheets.discarded > 0) text += ", " + std::to_string(sheets.discarded) + " discarded";
    if (sheets.without_version > 0)
        text += ", " + std::to_string(sheets.without_version) + " without a version";
    text += ", " + counted(analysis.questions.size(), "question");
    return "<p class=\"quiet\">" + text + ". Batch " + escaped(analysis.batch_id) + ".</p>\n";
}

std::string notes(const Analysis& analysis) {
    std::string html;
    for (const Remark& remark : analysis.remarks) {
        std::string message = remark.message;
        message.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(message[0])));
        html += "<p class=\"note\">" + escaped(message) + ".</p>\n";
    }
    return html;
}

std::string tiles(const Analysis& analysis) {
    const ScoreFigures& exam = analysis.exam;
    std::string html = "<div class=\"tiles\">" + tile(std::to_string(analysis.sheets.analyzed),
                                                      std::string(analysis.sheets.noun()) + "s");
    if (analysis.has_key) {
        html += tile(shownNumber(exam.mean, 2),
                     "mean of " + shownNumber(analysis.most_points, 2) + " points") +
                tile(shownPercent(exam.mean / analysis.most_points), "mean, of all points") +
                tile(shownNumber(exam.deviation, 2), "standard deviation") +
                tile(shownNumber(exam.median, 2), "median") +
                tile(shownNumber(exam.lowest, 2) + " to " + shownNumber(exam.highest, 2),
                     "lowest to highest") +
                tile(alignedNumber(exam.reliability, 2),
                     analysis.dichotomous ? "reliability (KR-20)" : "reliability (alpha)") +
                tile(alignedNumber(exam.standard_error, 2), "standard error of a score");
    }
    return html + "</div>\n";
}

std::string questionsToCheck(const Analysis& analysis) {
    std::vector<const QuestionFigures*> doubtful;
    for (const QuestionFigures& question : analysis.questions) {
        if (!question.remarks.empty()) doubtful.push_back(&question);
    }
    if (!analysis.has_key) return "";
    std::string html = "<section id=\"check\"><h2>Questions to check</h2>\n";
    if (doubtful.empty()) {
        const bool judged = analysis.sheets.analyzed >= kLeastForJudgment;
        return html + (judged ? "<p>No question has a remark.</p></section>\n"
                              : "<p>There are too few " + std::string(analysis.sheets.noun()) +
                                    "s to judge questions.</p></section>\n");
    }
    const auto grave = [](const QuestionFigures* question) {
        return std::ranges::any_of(question->remarks, isGrave);
    };
    std::stable_partition(doubtful.begin(), doubtful.end(), grave);
    html +=
        "<div class=\"wide\"><table><thead><tr><th>question</th><th "
        "class=\"optional\">difficulty</th>"
        "<th class=\"optional\">discrimination</th><th "
        "class=\"left\">remarks</th></tr></thead><tbody>\n";
    for (const QuestionFigures* question : doubtful) {
        html += "<tr><td>" + linkTo(analysis, *question) + "</td><td class=\"optional\">" +
                alignedNumber(question->difficulty, 2) + "</td><td class=\"optional\">" +
                alignedNumber(question->item_rest, 2) + "</td><td class=\"text\">" +
                remarkList(question->remarks) + "</td></tr>\n";
    }
    return html + "</tbody></table></div></section>\n";
}

std::string classTable(const Analysis& analysis) {
    if (analysis.classes.empty() || !analysis.has_key) return "";
    std::string html =
        "<section><h2>By " + escaped(analysis.class_column) +
        "</h2><div class=\"wide\"><table><thead><tr><th>" + escaped(analysis.class_column) +
        "</th><th>" + analysis.sheets.noun() +
        "s</th><th>mean</th><th>standard deviation</th><th>median</th>"
        "<th>lowest</th><th>highest</th><th>reliability</th>"
        "<th class=\"left\">lowest, quartiles, median, highest</th></tr></thead><tbody>\n";
    for (const ClassFigures& each : analysis.classes) {
        const ScoreFigures& scores = each.scores;
        html += "<tr><td>" + (each.name.empty() ? "(none)" : escaped(each.name)) + "</td><td>" +
                std::to_string(scores.sheets) + "</td><td>" + alignedNumber(scores.mean, 2) +
                "</td><td>" + alignedNumber(scores.deviation, 2) + "</td><td>" +
                alignedNumber(scores.median, 2) + "</td><td>" + shownNumber(scores.lowest, 2) +
                "</td><td>" + shownNumber(scores.highest, 2) + "</td><td>" +
                alignedNumber(scores.reliability, 2) + "</td><td>" +
                scoreRange(scores, analysis.most_points) + "</td></tr>\n";
    }
    return html + "</tbody></table></div></section>\n";
}

constexpr const char* kMethod = R"html(<section><h2>How to read the figures</h2><dl>
<dt>difficulty</dt><dd>The mean points of a question, divided by its most points. 1 is easiest.</dd>
<dt>discrimination</dt><dd>The correlation of the points of a question, or of choosing an answer, with the points of all other
questions (corrected item-total correlation; point-biserial for an answer). From 0.4 very good, from 0.3 good, from 0.2
acceptable; below 0 good students do worse than weak ones.</dd>
<dt>reliability</dt><dd>Cronbach's alpha, which is KR-20 if every question gives 0 or 1. From 0.7 usable for a class, from 0.9 for
decisions about single students.</dd>
<dt>standard error</dt><dd>Standard deviation &times; &radic;(1 &minus; reliability): about two thirds of the scores lie within this
distance of what the student would reach on average.</dd>
<dt>weak to strong</dt><dd>The small charts show which share of each fifth of the scores chose an answer. The line of the right
answer should rise.</dd>
</dl></section>
)html";

}  // namespace

std::string reportPage(const Analysis& analysis) {
    std::string html = head(analysis) + sheetCounts(analysis) + notes(analysis) + tiles(analysis);
    if (analysis.has_key && analysis.sheets.analyzed > 0) {
        html += "<section><h2>Scores</h2>" + scoreHistogram(analysis) + "</section>\n";
        html += questionsToCheck(analysis);
        html += "<section><h2>Questions</h2>" + questionMap(analysis) + questionTable(analysis) +
                "</section>\n";
        html += classTable(analysis);
    }
    html += "<div class=\"questions\">\n";
    for (const QuestionFigures& question : analysis.questions)
        html += questionCard(analysis, question);
    html += "</div>\n";
    if (analysis.has_key) html += kMethod;
    return html + "</main>\n</body>\n</html>\n";
}

}  // namespace sheafline::analyze
