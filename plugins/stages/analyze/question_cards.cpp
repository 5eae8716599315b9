#include "question_cards.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "charts.h"
#include "markup.h"
#include "remarks.h"
#include "shown_number.h"

namespace sheafline::analyze {

namespace {

// The questions are a vector of the analysis, so the place of one is its number.
std::string anchorOf(const Analysis& analysis, const QuestionFigures& question) {
    return "question-" + std::to_string(&question - analysis.questions.data() + 1);
}

std::string meter(double share, const char* kind) {
    const double width = std::isfinite(share) ? std::clamp(share, 0.0, 1.0) * 100 : 0;
    return "<span class=\"meter " + std::string(kind) + "\"><i style=\"width:" + place(width) +
           "%\"></i></span>";
}

std::string answerName(const AnswerFigures& answer) {
    if (answer.value.empty()) return "<span class=\"quiet\">no answer</span>";
    std::string name = escaped(answer.value);
    if (answer.kind == AnswerKind::right) name += " <span class=\"key\">right</span>";
    if (answer.kind == AnswerKind::partial) name += " <span class=\"key\">in part</span>";
    return name;
}

std::string answerRow(const Analysis& analysis, const AnswerFigures& answer) {
    const bool right = answer.kind == AnswerKind::right;
    std::string html =
        std::string("<tr") + (right ? " class=\"right\"" : "") + "><td>" + answerName(answer) +
        "</td><td>" + meter(answer.share, right ? "right" : (analysis.has_key ? "wrong" : "")) +
        shownPercent(answer.share) + "</td><td>" + std::to_string(answer.count) + "</td>";
    if (analysis.has_key) {
        html += "<td class=\"optional\">" + shownNumber(answer.points, 2) + "</td><td>" +
                alignedNumber(answer.discrimination, 2) + "</td>";
    }
    return html + "</tr>\n";
}

}  // namespace

std::string linkTo(const Analysis& analysis, const QuestionFigures& question) {
    return "<a href=\"#" + anchorOf(analysis, question) + "\">" + escaped(question.name) + "</a>";
}

std::string remarkList(const std::vector<Remark>& remarks) {
    std::string html;
    for (const Remark& remark : remarks) {
        html += "<div class=\"remark" + std::string(isGrave(remark) ? " grave" : "") + "\">" +
                escaped(remark.message) + "</div>";
    }
    return html;
}

std::string questionTable(const Analysis& analysis) {
    // The columns that a narrow screen leaves out are optional.
    std::string html =
        "<div class=\"wide\"><table><thead><tr><th>question</th><th>difficulty</th>"
        "<th>discrimination</th><th class=\"optional\">points</th>"
        "<th class=\"optional\">mean</th><th class=\"optional\">standard deviation</th>"
        "<th class=\"optional\">no answer</th><th class=\"optional\">reliability without "
        "it</th></tr></thead>"
        "<tbody>\n";
    const auto cell = [](const std::string& content) { return "<td>" + content + "</td>"; };
    const auto optional = [](const std::string& content) {
        return "<td class=\"optional\">" + content + "</td>";
    };
    for (const QuestionFigures& question : analysis.questions) {
        html += "<tr>" + cell(linkTo(analysis, question)) +
                cell(meter(question.difficulty, "") + alignedNumber(question.difficulty, 2)) +
                cell(alignedNumber(question.item_rest, 2)) +
                optional(shownNumber(question.most_points, 2)) +
                optional(alignedNumber(question.mean, 2)) +
                optional(alignedNumber(question.deviation, 2)) +
                optional(shownPercent(question.blank_share)) +
                optional(alignedNumber(question.reliability_without, 2)) + "</tr>\n";
    }
    return html + "</tbody></table></div>";
}

std::string questionCard(const Analysis& analysis, const QuestionFigures& question) {
    std::string html = R"(<article class="question" id=")" + anchorOf(analysis, question) +
                       "\"><header><h3>" + escaped(question.name) + "</h3>";
    if (analysis.has_key) {
        html += "<span class=\"quiet\">difficulty " + alignedNumber(question.difficulty, 2) +
                "</span><span class=\"quiet\">discrimination " +
                alignedNumber(question.item_rest, 2) + "</span>";
    }
    html +=
        "</header><div class=\"parts\"><table><thead><tr><th>answer</th><th>share</th>"
        "<th>" +
        std::string(analysis.sheets.noun()) + "s</th>";
    if (analysis.has_key) html += "<th class=\"optional\">points</th><th>discr.</th>";
    html += "</tr></thead><tbody>\n";
    for (const AnswerFigures& answer : question.answers) {
        if (answer.value.empty() && answer.count == 0) continue;
        html += answerRow(analysis, answer);
    }
    html += "</tbody></table>" + answerTraces(question) + "</div>";
    if (!question.remarks.empty())
        html += "<div class=\"remarks\">" + remarkList(question.remarks) + "</div>";
    return html + "</article>\n";
}

}  // namespace sheafline::analyze
