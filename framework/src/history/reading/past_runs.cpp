#include "history/reading/past_runs.h"

#include <algorithm>
#include <vector>

#include "base/sql/statement.h"

namespace sheafline {

namespace {

constexpr const char* kNewest =
    "WITH newest AS (SELECT batch_id, sheets_total FROM batches WHERE pipeline = ?1 AND "
    "outcome = 'completed' AND execution = 1 AND sheets_total > 0 ORDER BY created_ms DESC LIMIT "
    "20) ";

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    return *middle;
}

}  // namespace

PastRuns pastRuns(sql::Database& history, std::string_view pipeline) {
    PastRuns past;
    sql::Statement totals(
        history, std::string(kNewest) +
                     "SELECT count(*), coalesce(sum(sheets_total), 0), coalesce((SELECT sum(size) "
                     "FROM artifacts JOIN newest USING(batch_id)), 0) FROM newest");
    totals.bind(1, pipeline);
    if (totals.step()) {
        past.batches = static_cast<int>(totals.integer(0));
        const double sheets = totals.real(1);
        if (sheets > 0) past.artifact_bytes_per_sheet = totals.real(2) / sheets;
    }
    sql::Statement stages(
        history, std::string(kNewest) +
                     "SELECT stage_id, elapsed_seconds / sheets_total FROM stage_runs JOIN newest "
                     "USING(batch_id) WHERE execution = 1 AND state = 'completed' AND "
                     "elapsed_seconds IS NOT NULL");
    stages.bind(1, pipeline);
    std::map<std::string, std::vector<double>, std::less<>> seconds;
    while (stages.step()) seconds[stages.text(0)].push_back(stages.real(1));
    for (auto& [stage, values] : seconds) past.seconds_per_sheet[stage] = median(std::move(values));
    return past;
}

}  // namespace sheafline
