#include "batch/run/decision_report.h"

#include <string>
#include <vector>

#include <sheafline/csv.h>
#include <sheafline/durable_file.h>

#include "base/file_digest.h"
#include "history/decisions/decision_reader.h"

namespace sheafline {

namespace {

constexpr const char* kName = "decisions.csv";

std::string number(int value) { return value == 0 ? "" : std::to_string(value); }

std::vector<std::string> lineOf(const Decision& decision, const SheetTable& sheets) {
    const bool has_file =
        decision.sheet >= 1 && static_cast<std::size_t>(decision.sheet) <= sheets.size();
    // The file is written when an apply has ended, just before its decisions are `applied`.
    const DecisionState state =
        decision.state == DecisionState::applying ? DecisionState::applied : decision.state;
    return {std::to_string(decision.id),
            decision.at,
            decision.user,
            number(decision.sheet),
            has_file ? sheets.at(decision.sheet).file : "",
            decision.field,
            std::string(toString(decision.kind)),
            decision.kind == DecisionKind::undo ? number(decision.undoes) : decision.value,
            decision.before,
            decision.before_flag,
            decision.reason,
            std::string(toString(state)),
            number(decision.execution),
            number(decision.undone_by)};
}

}  // namespace

std::optional<ArtifactRow> writeDecisions(const BatchEnvironment& environment) {
    const auto decisions =
        DecisionReader(environment.history.database()).list(environment.batch_id);
    if (decisions.empty()) return std::nullopt;
    createFolders(environment.artifact_folder);
    const auto path = environment.artifact_folder / kName;
    DurableFile file(path);
    std::string text =
        "id,at,user,sheet,file,field,decision,value,before,before_flag,reason,state,execution,"
        "undone_by\n";
    for (const Decision& decision : decisions)
        text += csvLine(lineOf(decision, environment.sheets));
    file.write(text);
    file.publish();
    return ArtifactRow{.name = kName, .size_bytes = text.size(), .sha256 = sha256OfFile(path)};
}

}  // namespace sheafline
