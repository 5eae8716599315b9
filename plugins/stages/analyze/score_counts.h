// How many sheets have which score. Scores are kept with six decimals, as in the rows, so the
// memory depends on the number of different scores and not on the number of sheets.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "analysis.h"

namespace sheafline::analyze {

class ScoreCounts {
 public:
    void add(double score);

    std::int64_t sheets() const { return sheets_; }
    double lowest() const;
    double highest() const;
    // Interpolated between neighbors, as numpy.quantile does by default; `share` is 0 to 1.
    double quantile(double share) const;
    // From 0, the lowest, to kScoreGroups - 1. Equal scores are in the same group.
    int groupOf(double score) const;
    // Bars of a round width, at most 31, that cover at least 0 to `most_points`.
    std::vector<HistogramBar> histogram(double most_points) const;

    // groupOf() may be called after the last add() and finish().
    void finish();

 private:
    struct Entry {
        std::int64_t count = 0;
        std::int64_t below = 0;  // sheets with a lower score
    };

    double at(std::int64_t rank) const;  // 0-based

    std::map<std::int64_t, Entry> entries_{};  // by score in millionths
    std::int64_t sheets_ = 0;
};

}  // namespace sheafline::analyze
