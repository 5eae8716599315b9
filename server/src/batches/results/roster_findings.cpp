#include "batches/results/roster_findings.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <sstream>

#include <Poco/JSON/Array.h>

#include <sheafline/csv_records.h>

#include "base/file_digest.h"
#include "history/reading/artifact_file.h"

namespace sheafline {

namespace {

constexpr const char* kArtifact = "roster-findings.csv";
constexpr std::size_t kFindingColumns = 7;  // problem,student,name,class,page,sheets,detail

int numberOf(const std::string& text) {
    int number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

}  // namespace

std::vector<RosterFindingRow> readRosterFindings(const DataFolder& folder, HistoryReader& history,
                                                 const std::string& batch_id) {
    std::vector<RosterFindingRow> findings;
    const auto artifacts = history.artifacts(batch_id);
    const auto artifact = std::ranges::find(artifacts, kArtifact, &ArtifactRow::name);
    if (artifact == artifacts.end()) return findings;
    const std::string text = fileText(artifactFile(folder, batch_id, *artifact));
    for (const CsvRecord& record : csvRecords(text, ',')) {
        const auto& cells = record.cells;
        if (record.line == 1 || cells.size() != kFindingColumns) continue;
        RosterFindingRow row{.id = static_cast<int>(findings.size()) + 1,
                             .problem = cells[0],
                             .student = cells[1],
                             .name = cells[2],
                             .class_name = cells[3],
                             .page = numberOf(cells[4]),
                             .detail = cells[6]};
        std::istringstream numbers(cells[5]);
        for (int number = 0; numbers >> number;) row.sheets.push_back(number);
        findings.push_back(std::move(row));
    }
    return findings;
}

Poco::JSON::Object findingJson(const RosterFindingRow& finding) {
    Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("id", finding.id);
    object.set("problem", finding.problem);
    object.set("student", finding.student);
    object.set("name", finding.name);
    object.set("class", finding.class_name);
    object.set("page", finding.page);
    Poco::JSON::Array sheets;
    for (const int sheet : finding.sheets) sheets.add(sheet);
    object.set("sheets", sheets);
    object.set("detail", finding.detail);
    return object;
}

Poco::JSON::Object findingCounts(const std::vector<RosterFindingRow>& findings) {
    std::map<std::string, int> counts;
    for (const RosterFindingRow& finding : findings) ++counts[finding.problem];
    Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("total", static_cast<int>(findings.size()));
    for (const auto& [problem, count] : counts) object.set(problem, count);
    return object;
}

}  // namespace sheafline
