#include "charts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include <sheafline/shown_text.h>

#include "markup.h"
#include "shown_number.h"

namespace sheafline::analyze {

namespace {

struct Frame {
    double width, height, left, right, top, bottom;  // the size, and the margins

    double x(double share) const { return left + share * (width - left - right); }
    double y(double share) const { return height - bottom - share * (height - top - bottom); }
};

std::string open(const Frame& frame, const char* name, const std::string& description) {
    return "<svg class=\"" + std::string(name) + "\" viewBox=\"0 0 " + place(frame.width) + " " +
           place(frame.height) + R"(" role="img" aria-label=")" + escaped(description) + R"(">)";
}

std::string line(double x1, double y1, double x2, double y2, const char* kind) {
    return "<line class=\"" + std::string(kind) + "\" x1=\"" + place(x1) + "\" y1=\"" + place(y1) +
           "\" x2=\"" + place(x2) + "\" y2=\"" + place(y2) + "\"/>";
}

std::string text(double x, double y, const std::string& content, const char* kind) {
    return "<text class=\"" + std::string(kind) + "\" x=\"" + place(x) + "\" y=\"" + place(y) +
           "\">" + escaped(content) + "</text>";
}

std::string box(double x, double y, double width, double height, const char* kind,
                const std::string& title = "") {
    return "<rect class=\"" + std::string(kind) + "\" x=\"" + place(x) + "\" y=\"" + place(y) +
           "\" width=\"" + place(width) + "\" height=\"" + place(height) + "\">" +
           (title.empty() ? "" : "<title>" + escaped(title) + "</title>") + "</rect>";
}

// A step of 1, 2 or 5 times a power of ten that gives at most `most` steps.
double roundStep(double range, int most) {
    const double power = std::pow(10, std::floor(std::log10(range / most)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (range / (factor * power) <= most) return factor * power;
    }
    return 10 * power;
}

std::string rangeText(const HistogramBar& bar) {
    const bool whole = bar.to - bar.from == 1 && bar.from == std::floor(bar.from);
    return whole ? shownNumber(bar.from, 0)
                 : shownNumber(bar.from, 2) + " to under " + shownNumber(bar.to, 2);
}

std::string mark(const QuestionFigures& question, double x, double y, bool doubtful) {
    return "<circle class=\"" + std::string(doubtful ? "dot doubtful" : "dot") + "\" cx=\"" +
           place(x) + R"(" cy=")" + place(y) + R"(" r="4"><title>)" + escaped(question.name) +
           ": difficulty " + shownNumber(question.difficulty, 2) + ", discrimination " +
           shownNumber(question.item_rest, 2) + "</title></circle>";
}

}  // namespace

std::string scoreHistogram(const Analysis& analysis) {
    const auto& bars = analysis.histogram;
    if (bars.empty()) return "";
    const Frame frame{640, 258, 44, 12, 30, 40};
    const double from = bars.front().from;
    const double range = bars.back().to - from;
    const auto most = static_cast<double>(std::ranges::max(bars, {}, &HistogramBar::count).count);
    const double step = std::max(1.0, roundStep(most, 4));
    const double top = std::ceil(most / step) * step;
    const auto x = [&](double score) { return frame.x((score - from) / range); };
    std::string svg = open(frame, "chart", "Histogram of the scores");
    for (double count = 0; count <= top; count += step) {
        svg += line(frame.x(0), frame.y(count / top), frame.x(1), frame.y(count / top), "grid");
        svg += text(frame.left - 6, frame.y(count / top) + 4, shownNumber(count, 0), "end");
    }
    for (const HistogramBar& bar : bars) {
        const double y = frame.y(static_cast<double>(bar.count) / top);
        svg += box(x(bar.from) + 0.75, y, std::max(1.0, x(bar.to) - x(bar.from) - 1.5),
                   frame.y(0) - y, "bar",
                   rangeText(bar) + " points: " +
                       counted(static_cast<std::uint64_t>(bar.count), analysis.sheets.noun()));
    }
    // A bar of one whole score is labeled below its middle.
    const double width = bars.front().to - from;
    const double shift = width == 1 ? 0.5 : 0;
    const double label_step = std::max(width, roundStep(range, 12));
    for (double score = std::ceil(from / label_step) * label_step; score + shift < from + range;
         score += label_step)
        svg += text(x(score + shift), frame.y(0) + 16, shownNumber(score, 2), "middle");
    svg += text(frame.x(0.5), frame.height - 6, "points", "middle quiet");
    const double mean = x(analysis.exam.mean + shift);
    if (analysis.exam.deviation > 0) {
        const double low =
            std::max(frame.x(0), x(analysis.exam.mean - analysis.exam.deviation + shift));
        const double high =
            std::min(frame.x(1), x(analysis.exam.mean + analysis.exam.deviation + shift));
        svg += box(low, frame.top - 6, high - low, 5, "spread", "mean ± one standard deviation");
    }
    svg += line(mean, frame.top - 8, mean, frame.y(0), "mean");
    svg += text(mean, 16, "mean " + shownNumber(analysis.exam.mean, 1),
                mean > frame.width - 60 ? "end strong" : (mean < 80 ? "strong" : "middle strong"));
    return svg + "</svg>";
}

std::string questionMap(const Analysis& analysis) {
    const Frame frame{640, 300, 44, 14, 14, 40};
    double low = 0;
    for (const QuestionFigures& question : analysis.questions) {
        if (question.item_rest < low) low = std::max(-1.0, std::floor(question.item_rest * 5) / 5);
    }
    const auto y = [&](double value) { return frame.y((value - low) / (1 - low)); };
    std::string svg = open(frame, "chart", "Questions by difficulty and discrimination");
    for (double value = low; value < 1.01; value += 0.2) {
        svg += line(frame.x(0), y(value), frame.x(1), y(value),
                    std::abs(value) < 0.01 ? "axis" : "grid");
        svg += text(frame.left - 6, y(value) + 4, shownNumber(value, 1), "end");
    }
    for (const double value : {0.0, 0.2, 0.4, 0.6, 0.8, 1.0}) {
        svg += line(frame.x(value), frame.y(0), frame.x(value), frame.y(1), "grid");
        svg += text(frame.x(value), frame.y(0) + 16, shownNumber(value, 1), "middle");
    }
    svg += text(frame.x(0), frame.height - 6, "hard", "quiet");
    svg += text(frame.x(0.5), frame.height - 6, "difficulty", "middle quiet");
    svg += text(frame.x(1), frame.height - 6, "easy", "end quiet");
    std::string labels;
    for (const QuestionFigures& question : analysis.questions) {
        if (!std::isfinite(question.item_rest) || !std::isfinite(question.difficulty)) continue;
        const double at = frame.x(std::clamp(question.difficulty, 0.0, 1.0));
        const bool doubtful = !question.remarks.empty();
        svg += mark(question, at, y(question.item_rest), doubtful);
        if (doubtful && question.item_rest < 0.2) {
            labels += text(at + (at > frame.width - 60 ? -7 : 7), y(question.item_rest) + 4,
                           question.name, at > frame.width - 60 ? "end label" : "label");
        }
    }
    return svg + labels + "</svg>";
}

std::string answerTraces(const QuestionFigures& question) {
    const Frame frame{260, 130, 34, 24, 8, 22};
    std::string svg =
        open(frame, "traces", "Share of each answer of " + question.name + " by score group");
    for (const double share : {0.0, 0.5, 1.0}) {
        svg += line(frame.x(0), frame.y(share), frame.x(1), frame.y(share), "grid");
        svg += text(frame.left - 5, frame.y(share) + 4, shownPercent(share), "end");
    }
    svg += text(frame.x(0), frame.height - 5, "weak", "quiet");
    svg += text(frame.x(1), frame.height - 5, "strong", "end quiet");
    bool drawn = false;
    std::vector<double> taken;
    for (const AnswerFigures& answer : question.answers) {
        if (answer.share_by_group.size() != kScoreGroups || !(answer.share >= 0.03)) continue;
        std::string points;
        for (int group = 0; group < kScoreGroups; ++group) {
            const double share = answer.share_by_group.at(static_cast<std::size_t>(group));
            if (!std::isfinite(share)) continue;
            points += place(frame.x(static_cast<double>(group) / (kScoreGroups - 1))) + "," +
                      place(frame.y(share)) + " ";
        }
        const bool right = answer.kind == AnswerKind::right;
        svg +=
            "<polyline class=\"" +
            std::string(right ? "trace right" : (answer.value.empty() ? "trace blank" : "trace")) +
            "\" points=\"" + points + "\"/>";
        // Labels at the right end keep a line's distance from each other.
        double at =
            frame.y(std::isfinite(answer.share_by_group.back()) ? answer.share_by_group.back()
                                                                : 0) +
            4;
        while (std::ranges::any_of(taken, [&](double y) { return std::abs(y - at) < 10; })) at -= 5;
        taken.push_back(at);
        svg += text(frame.x(1) + 4, at, answer.value.empty() ? "–" : answer.value,
                    right ? "strong" : "quiet");
        drawn = true;
    }
    return drawn ? svg + "</svg>" : "";
}

std::string scoreRange(const ScoreFigures& scores, double most_points) {
    const Frame frame{220, 18, 2, 2, 2, 2};
    const double low = std::min(0.0, scores.lowest);
    const double high = std::max(most_points, scores.highest);
    if (!(high > low)) return "";
    const auto x = [&](double score) { return frame.x((score - low) / (high - low)); };
    return open(frame, "range",
                "from " + shownNumber(scores.lowest, 1) + " to " + shownNumber(scores.highest, 1) +
                    ", median " + shownNumber(scores.median, 1)) +
           line(frame.x(0), 9, frame.x(1), 9, "grid") +
           line(x(scores.lowest), 9, x(scores.highest), 9, "whisker") +
           box(x(scores.lower_quartile), 3,
               std::max(1.0, x(scores.upper_quartile) - x(scores.lower_quartile)), 12,
               "quartiles") +
           line(x(scores.median), 2, x(scores.median), 16, "median") + "</svg>";
}

}  // namespace sheafline::analyze
