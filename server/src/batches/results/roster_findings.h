// What `collect` found when it compared a batch with its class list: the lines of the artifact
// roster-findings.csv. Any thread.
#pragma once

#include <string>
#include <vector>

#include <Poco/JSON/Object.h>

#include "base/data_folder.h"
#include "history/history_reader.h"

namespace sheafline {

struct RosterFindingRow {
    int id = 0;  // 1, 2, 3 … in the file
    std::string problem{};
    std::string student{};
    std::string name{};
    std::string class_name{};
    int page = 0;  // 0: it is not about a page
    std::vector<int> sheets{};
    std::string detail{};
};

// None if the batch has no roster.
std::vector<RosterFindingRow> readRosterFindings(const DataFolder& folder, HistoryReader& history,
                                                 const std::string& batch_id);

Poco::JSON::Object findingJson(const RosterFindingRow& finding);
// {"total": 14, "missing_student": 5, …}, the problems that occur.
Poco::JSON::Object findingCounts(const std::vector<RosterFindingRow>& findings);

}  // namespace sheafline
