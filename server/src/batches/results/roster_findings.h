// What `collect` found when it compared a batch with its class list: the lines of the artifact
// roster-findings.csv. Any thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <Poco/JSON/Object.h>

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

// `artifacts` is the folder of the batch's artifacts. None if the batch has no roster.
std::vector<RosterFindingRow> readRosterFindings(const std::filesystem::path& artifacts);

Poco::JSON::Object findingJson(const RosterFindingRow& finding);
// {"total": 14, "missing_student": 5, …}, the problems that occur.
Poco::JSON::Object findingCounts(const std::vector<RosterFindingRow>& findings);

}  // namespace sheafline
