#include "score_counts.h"

#include <algorithm>
#include <cmath>

namespace sheafline::analyze {

namespace {

constexpr double kMillion = 1e6;
constexpr int kMostBars = 30;

std::int64_t keyOf(double score) { return std::llround(score * kMillion); }
double scoreOf(std::int64_t key) { return static_cast<double>(key) / kMillion; }

// 1, 2 or 5 times a power of ten, so that the bars begin at round numbers.
double roundWidth(double range, bool whole_scores) {
    const double least = whole_scores ? std::max(1.0, range / kMostBars) : range / kMostBars;
    const double power = std::pow(10, std::floor(std::log10(least)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (factor * power >= least * (1 - 1e-9)) return factor * power;
    }
    return 10 * power;
}

}  // namespace

void ScoreCounts::add(double score) {
    ++entries_[keyOf(score)].count;
    ++sheets_;
}

void ScoreCounts::finish() {
    std::int64_t below = 0;
    for (auto& [key, entry] : entries_) {
        entry.below = below;
        below += entry.count;
    }
}

double ScoreCounts::lowest() const {
    return entries_.empty() ? kUndefined : scoreOf(entries_.begin()->first);
}

double ScoreCounts::highest() const {
    return entries_.empty() ? kUndefined : scoreOf(entries_.rbegin()->first);
}

double ScoreCounts::at(std::int64_t rank) const {
    for (const auto& [key, entry] : entries_) {
        if (rank < entry.count) return scoreOf(key);
        rank -= entry.count;
    }
    return highest();
}

double ScoreCounts::quantile(double share) const {
    if (sheets_ == 0) return kUndefined;
    const double place = share * static_cast<double>(sheets_ - 1);
    const double low = at(static_cast<std::int64_t>(std::floor(place)));
    const double high = at(static_cast<std::int64_t>(std::ceil(place)));
    return low + (high - low) * (place - std::floor(place));
}

int ScoreCounts::groupOf(double score) const {
    const auto found = entries_.find(keyOf(score));
    if (found == entries_.end() || sheets_ == 0) return 0;
    const Entry& entry = found->second;
    const double middle = static_cast<double>(entry.below) + static_cast<double>(entry.count) / 2;
    const auto group = static_cast<int>(middle * kScoreGroups / static_cast<double>(sheets_));
    return std::clamp(group, 0, kScoreGroups - 1);
}

std::vector<HistogramBar> ScoreCounts::histogram(double most_points) const {
    if (sheets_ == 0) return {};
    const double low = std::min(0.0, lowest());
    const double high = std::max({0.0, most_points, highest()});
    const bool whole = std::ranges::all_of(
        entries_, [](const auto& entry) { return entry.first % std::int64_t{1'000'000} == 0; });
    const double width = high > low ? roundWidth(high - low, whole) : 1;
    const double first = std::floor(low / width) * width;
    const auto bars = static_cast<std::size_t>(std::floor((high - first) / width + 1e-9)) + 1;
    std::vector<HistogramBar> histogram(bars);
    for (std::size_t i = 0; i < bars; ++i) {
        histogram[i].from = first + static_cast<double>(i) * width;
        histogram[i].to = histogram[i].from + width;
    }
    for (const auto& [key, entry] : entries_) {
        const double place = std::floor((scoreOf(key) - first) / width + 1e-9);
        const auto bar = std::min(static_cast<std::size_t>(std::max(place, 0.0)), bars - 1);
        histogram[bar].count += entry.count;
    }
    return histogram;
}

}  // namespace sheafline::analyze
