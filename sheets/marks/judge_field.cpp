#include "marks/judge_field.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>

#include "geometry/quantile.h"

namespace sheafline::sheets {

namespace {

constexpr double kWritten = 0.1;     // fill: less may be a shadow
constexpr double kRubbedOut = 0.5;   // of the ink of the mark beside it
constexpr double kLetterFill = 0.1;  // fill: unknown letters may differ by so much
constexpr double kCircled = 0.6;     // of the directions around a bubble
constexpr double kAllAround = 0.8;
constexpr double kEmptyCore = 0.12;
constexpr double kLeastCircled = 0.4;  // less, a neighbor's mark may leave

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
    if (!trace.print_known) return (trace.fill - kLetterFill - 0.08) / 0.02;
    return (trace.fill - 0.047) / 0.01 + (trace.ink - scale.noise - 0.065) / 0.012;
}

double restFill(const Trace& trace) {
    return trace.print_known ? trace.fill : trace.fill - kLetterFill;
}

// A bubble that was circled instead of filled: a person would understand it, but check it. A pen
// that went only partly around is also doubtful if nothing else is marked.
bool flagCircled(const Field& field, const std::vector<Trace>& traces, FieldReading& reading) {
    const bool any_mark = std::ranges::find(reading.marked, true) != reading.marked.end();
    std::string circled;
    std::vector<std::size_t> which;
    double most = 0;
    for (std::size_t i = 0; i < traces.size(); ++i) {
        if (reading.marked[i]) continue;
        most = std::max(most, traces[i].around);
        if (traces[i].around < (any_mark ? kAllAround : kCircled)) continue;
        circled += field.bubbles[i].value;
        which.push_back(i);
    }
    if (most < (any_mark ? kAllAround : kLeastCircled)) return false;
    reading.flag = FieldFlag::circled;
    reading.confidence *= 0.5;
    if (any_mark) return true;
    reading.value = circled;
    for (const std::size_t i : which) reading.marked[i] = true;
    return true;
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
    // A student who writes palely does so all over the sheet; a few pale marks alone do not show
    // that.
    if (darkest.size() >= 3 && darkest.size() * 2 > fields.size())
        scale.pale = std::clamp(quantile(darkest, 0.5) / 0.6, 0.35, 1.0);
    scale.full = thresholds.full.value_or(scale.full * scale.pale);
    scale.faint = thresholds.faint.value_or(scale.faint * scale.pale);
    return scale;
}

double chanceOfMark(const Trace& trace, const JudgeScale& scale) {
    if (!trace.print_known) {
        const Trace beyond_letters{.fill = trace.fill - kLetterFill, .ink = trace.ink};
        return logistic(evidenceOfFilling(beyond_letters, scale));
    }
    const double stroke = evidenceOfStroke(trace, scale);
    // A pen that went around the bubble and left its middle empty has circled it.
    if (trace.around >= kAllAround && trace.core < kEmptyCore) return logistic(-4);
    if (scale.filled_cancels) return logistic(stroke);
    return logistic(std::max(evidenceOfFilling(trace, scale), stroke));
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
    // If a student fills bubbles where crosses are expected, a person must check.
    if (scale.filled_cancels && marks == 0 && darkest_rest != nullptr &&
        evidenceOfFilling(*darkest_rest, scale) > 0) {
        reading.flag = FieldFlag::erased;
        reading.confidence *= 0.5;
        return reading;
    }
    if (scale.filled_cancels && marks == 1) {
        // It cannot be decided whether this is a cross or a filled bubble.
        const bool between = std::ranges::any_of(traces, [&](const Trace& trace) {
            const double coverage = trace.fill / std::max(trace.ink - scale.noise, 0.01);
            return trace.fill > scale.faint && coverage > 0.56 && coverage < 0.72;
        });
        if (between) reading.flag = FieldFlag::erased;
        return reading;
    }
    const bool doubtful = darkest_rest != nullptr && restFill(*darkest_rest) >= scale.faint;
    if (marks > 1 && field.rule != MarkRule::any) reading.flag = FieldFlag::multiple;
    if (marks > 0) {
        // A trace that is much paler than the mark next to it was erased; otherwise a person must
        // check.
        if (marks == 1 && doubtful && darkest_rest->ink > kRubbedOut * palest_mark->ink)
            reading.flag = FieldFlag::erased;
        flagCircled(field, traces, reading);
        return reading;
    }
    if (flagCircled(field, traces, reading)) return reading;
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
