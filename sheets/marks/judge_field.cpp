#include "marks/judge_field.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace sheafline::sheets {

namespace {

constexpr double kWritten = 0.1;    // fill: less may be a shadow
constexpr double kRubbedOut = 0.5;  // of the ink of the mark beside it

double logistic(double evidence) { return 1 / (1 + std::exp(-evidence)); }

// Evidence is log odds. The middles lie between the kinds of marks as they are measured on scans of
// 150 dpi, the divisors are what scans of the same kind of mark differ by.
double evidenceOfFilling(const Trace& trace, const JudgeScale& scale) {
    const double fill = (trace.fill - scale.full) / 0.02;
    const double ink = (trace.ink - scale.noise - scale.full - 0.04 * scale.pale) / 0.015;
    // Dark spots in an empty bubble are print that lies askew: alone they prove nothing.
    return (fill + std::min(ink, std::max(fill, 0.0) + 2)) / scale.pale;
}

// A tick, a cross or a dot is dark where the pen went, and the pen went over half of the bubble at
// most: what is pale all over was rubbed out or hardly written.
double evidenceOfStroke(const Trace& trace, const JudgeScale& scale) {
    const double ink = trace.ink - scale.noise;
    const double coverage = trace.fill / std::max(ink, 0.01);
    return std::min({(0.62 - coverage) / 0.02, (ink - std::max(0.3 * scale.pale, 0.16)) / 0.012,
                     (trace.fill - std::max(0.1 * scale.pale, 0.06)) / 0.007});
}

double evidenceOfAnything(const Trace& trace, const JudgeScale& scale) {
    return (trace.fill - 0.047) / 0.01 + (trace.ink - scale.noise - 0.065) / 0.012;
}

double quantile(std::vector<double> values, double share) {
    const auto at = values.begin() +
                    static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
    std::ranges::nth_element(values, at);
    return *at;
}

}  // namespace

JudgeScale scaleOf(std::span<const std::vector<Trace>> fields, const MarkThresholds& thresholds) {
    JudgeScale scale;
    std::vector<double> inks;
    std::vector<double> darkest;
    for (const auto& traces : fields) {
        double fill = 0;
        for (const Trace& trace : traces) {
            inks.push_back(trace.ink);
            fill = std::max(fill, trace.fill);
        }
        if (fill > kWritten) darkest.push_back(fill);
    }
    if (!inks.empty()) scale.noise = std::clamp(quantile(inks, 0.3), 0.0, 0.12);
    // One who writes palely does so all over the sheet; some pale marks alone say nothing.
    if (darkest.size() >= 3 && darkest.size() * 2 > fields.size())
        scale.pale = std::clamp(quantile(darkest, 0.5) / 0.6, 0.35, 1.0);
    scale.full = thresholds.full.value_or(scale.full * scale.pale);
    scale.faint = thresholds.faint.value_or(scale.faint * scale.pale);
    return scale;
}

double chanceOfMark(const Trace& trace, const JudgeScale& scale) {
    return logistic(std::max(evidenceOfFilling(trace, scale), evidenceOfStroke(trace, scale)));
}

FieldReading judgeField(const Field& field, const std::vector<Trace>& traces,
                        const JudgeScale& scale) {
    FieldReading reading{.confidence = 1};
    std::size_t marks = 0;
    const Trace* palest_mark = nullptr;
    const Trace* darkest_rest = nullptr;
    for (std::size_t i = 0; i < traces.size(); ++i) {
        const double chance = chanceOfMark(traces[i], scale);
        const bool marked = chance >= 0.5;
        reading.confidence *= marked ? chance : 1 - chance;
        reading.darkness.push_back(traces[i].fill);
        reading.marked.push_back(marked);
        if (marked) {
            ++marks;
            reading.value += field.bubbles[i].value;
            if (palest_mark == nullptr || traces[i].ink < palest_mark->ink)
                palest_mark = &traces[i];
        } else if (darkest_rest == nullptr || traces[i].fill > darkest_rest->fill) {
            darkest_rest = &traces[i];
        }
    }
    const bool doubtful = darkest_rest != nullptr && darkest_rest->fill >= scale.faint;
    if (marks > 1 && field.rule != MarkRule::any) reading.flag = FieldFlag::multiple;
    if (marks > 0) {
        // What is far paler than the mark beside it was rubbed out; else a person looks twice.
        if (marks == 1 && doubtful && darkest_rest->ink > kRubbedOut * palest_mark->ink)
            reading.flag = FieldFlag::erased;
        return reading;
    }
    const double something =
        logistic(darkest_rest == nullptr ? -9 : evidenceOfAnything(*darkest_rest, scale));
    if (doubtful) {
        const auto index = static_cast<std::size_t>(darkest_rest - traces.data());
        reading.flag = FieldFlag::faint;
        reading.value = field.bubbles[index].value;
        reading.marked[index] = true;
        reading.confidence *= 0.5;
    } else if (something >= 0.5) {
        reading.flag = FieldFlag::erased;
        reading.confidence *= something * 0.8;
    } else {
        reading.confidence *= 1 - something;
        if (field.rule == MarkRule::exactly_one) reading.flag = FieldFlag::blank;
    }
    return reading;
}

}  // namespace sheafline::sheets
