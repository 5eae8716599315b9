// What earlier batches of a pipeline took on this machine, for an estimate of the next one. Only
// first executions of completed batches count, the newest 20.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/sql/database.h"

namespace sheafline {

struct PastRuns {
    int batches = 0;
    std::map<std::string, double, std::less<>> seconds_per_sheet{};  // by stage id, the median
    double artifact_bytes_per_sheet = 0;
};

PastRuns pastRuns(sql::Database& history, std::string_view pipeline);

}  // namespace sheafline
