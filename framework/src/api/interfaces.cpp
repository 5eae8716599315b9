// The out-of-line members of the public interfaces, so that all plugins share one vtable of each.
#include <sheafline/plugin.h>

namespace sheafline {

Log::~Log() = default;
ProgressPublisher::~ProgressPublisher() = default;
SheetTable::~SheetTable() = default;
Processor::~Processor() = default;
std::optional<Reading> Processor::rescored(const Reading&) { return std::nullopt; }
std::optional<Reading> Processor::settled(const SheetTask& task) {
    if (task.decided.empty()) return rescored(*task.before);
    return decided(*task.before, task.decided);
}
Reading Processor::decided(const Reading& before, const std::vector<DecidedField>& fields) {
    return withDecisions(before, columns(), fields);
}
WorkerPool::~WorkerPool() = default;
StageRun::~StageRun() = default;
std::int64_t StageRun::epoch() const { return 0; }
void StageRun::requireOwnership() {}
std::vector<std::filesystem::path> StageRun::epochFolders() const { return {batchFolder()}; }
std::optional<std::filesystem::path> StageRun::artifactFile(std::string_view name) const {
    auto file = batchFolder() / "artifacts" / name;
    return std::filesystem::exists(file) ? std::optional(std::move(file)) : std::nullopt;
}
Stage::~Stage() = default;
// NOLINTBEGIN(performance-unnecessary-value-param): overrides keep the token
void Stage::preflight(std::stop_token) {}
std::vector<std::string> Stage::columnsAfter(std::vector<std::string> columns) { return columns; }
void Stage::preflightRows(const std::vector<std::string>&, std::stop_token) {}
// NOLINTEND(performance-unnecessary-value-param)
Sink::~Sink() = default;
void Sink::attach(SinkHistory& /*history*/) {}
SinkHistory::~SinkHistory() = default;

std::string_view toString(ProcessingStage stage) {
    switch (stage) {
        case ProcessingStage::queued:
            return "queued";
        case ProcessingStage::uploading:
            return "uploading";
        case ProcessingStage::extracting:
            return "extracting";
        case ProcessingStage::organizing_qr:
            return "organizing_qr";
        case ProcessingStage::processing_sheets:
            return "processing_sheets";
        case ProcessingStage::collecting_results:
            return "collecting_results";
        case ProcessingStage::generating_csv:
            return "generating_csv";
        case ProcessingStage::loading_database:
            return "loading_database";
        case ProcessingStage::cleanup:
            return "cleanup";
        case ProcessingStage::completed:
            return "completed";
        case ProcessingStage::failed:
            return "failed";
        case ProcessingStage::cancelled:
            return "cancelled";
    }
    return "unknown";
}

std::string_view toString(SheetState state) {
    switch (state) {
        case SheetState::waiting:
            return "waiting";
        case SheetState::read:
            return "read";
        case SheetState::quarantined:
            return "quarantined";
        case SheetState::discarded:
            return "discarded";
    }
    return "unknown";
}

std::string_view toString(PluginKind kind) {
    switch (kind) {
        case PluginKind::stage:
            return "stage";
        case PluginKind::sink:
            return "sink";
        case PluginKind::processor:
            return "processor";
    }
    return "unknown";
}

void throwIfStopped(const std::stop_token& stop) {
    if (stop.stop_requested()) throw Error(ErrorClass::cancelled, "CANCELLED", "stopped as asked");
}

}  // namespace sheafline
