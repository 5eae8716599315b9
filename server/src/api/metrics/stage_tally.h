// How long stages took, by the name in their events: a histogram. note() is quick and for the
// history's thread; take() reads the stages that have ended since, and is called regularly, before
// a next execution can reset them. Thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "api/metrics/metric_text.h"
#include "history/history.h"
#include "history/history_reader.h"

namespace sheafline::api {

class StageTally {
 public:
    void note(const Committed& committed);
    void take(HistoryReader& history);
    void write(MetricText& metrics) const;

 private:
    static constexpr std::array<double, 10> kBounds{0.1, 1,   5,     15,     60,
                                                    300, 900, 3'600, 14'400, 86'400};
    static constexpr std::size_t kMostNotes = 10'000;

    struct Times {
        std::array<std::uint64_t, kBounds.size()> at_most{};
        std::uint64_t all = 0;
        double seconds = 0;
    };

    mutable std::mutex mutex_;
    // guarded by mutex_
    std::vector<std::pair<std::string, std::string>> ended_;  // batch and stage id
    std::map<std::string, Times> times_;                      // by the stage of the events
};

}  // namespace sheafline::api
