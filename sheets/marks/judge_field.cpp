#include "judge_field.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace sheafline::sheets {

namespace {

double logistic(double evidence) { return 1 / (1 + std::exp(-evidence)); }

// Evidence is log odds. The middles lie between the kinds of marks as they are measured on scans of
// 150 dpi, the divisors are what scans of the same kind of mark differ by.
double evidenceOfFilling(const Trace& trace, const JudgeScale& scale) {
    return (trace.fill - scale.full) / 0.02 + (trace.ink - scale.noise - scale.full - 0.04) / 0.015;
}

// A tick, a cross or a dot is dark where the pen went, and the pen went over half of the bubble at
// most: what is pale all over was rubbed out or hardly written.
double evidenceOfStroke(const Trace& trace, const JudgeScale& scale) {
    const double ink = trace.ink - scale.noise;
    const double coverage = trace.fill / std::max(ink, 0.01);
    return std::min({(0.66 - coverage) / 0.02, (ink - 0.24 * scale.pale) / 0.01,
                     (trace.fill - 0.085 * scale.pale) / 0.006});
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

JudgeScale scaleOf(const std::vector<Trace>& traces, const MarkThresholds& thresholds) {
    JudgeScale scale;
    if (traces.empty()) return scale;
    std::vector<double> inks;
    std::vector<double> fills;
    for (const Trace& trace : traces) {
        inks.push_back(trace.ink);
        if (trace.fill > 0.2) fills.push_back(trace.fill);
    }
    scale.noise = std::clamp(quantile(inks, 0.3), 0.0, 0.12);
    constexpr std::size_t kEnough = 5;
    if (fills.size() >= kEnough) scale.pale = std::clamp(quantile(fills, 0.7) / 0.45, 0.5, 1.0);
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
    const Trace* darkest = nullptr;  // of those that are no marks
    for (std::size_t i = 0; i < traces.size(); ++i) {
        const double chance = chanceOfMark(traces[i], scale);
        const bool marked = chance >= 0.5;
        reading.confidence *= marked ? chance : 1 - chance;
        reading.darkness.push_back(traces[i].fill);
        reading.marked.push_back(marked);
        if (marked) {
            ++marks;
            reading.value += field.bubbles[i].value;
        } else if (darkest == nullptr || traces[i].fill > darkest->fill) {
            darkest = &traces[i];
        }
    }
    const bool doubtful = darkest != nullptr && darkest->fill >= scale.faint;
    if (marks > 1 && field.rule != MarkRule::any) reading.flag = FieldFlag::multiple;
    if (marks > 0) {
        // Beside a firm mark a pale one was most likely rubbed out; a person would look twice.
        if (marks == 1 && doubtful) reading.flag = FieldFlag::erased;
        return reading;
    }
    const double something =
        logistic(darkest == nullptr ? -9 : evidenceOfAnything(*darkest, scale));
    if (doubtful) {
        const auto index = static_cast<std::size_t>(darkest - traces.data());
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
