// `batches` and `sheets`: read beside whoever owns the data folder.
#include <iostream>

#include <sheafline/error.h>

#include "base/data_folder.h"
#include "batches/batch_json.h"
#include "commands/commands.h"
#include "commands/exit_status.h"
#include "history/history_reader.h"
#include "terminal/text_table.h"

namespace sheafline {

namespace {

constexpr int kNewestShown = 1000;
constexpr int kEventsAtOnce = 1000;

std::string ownerOf(const DataFolder& folder) {
    const auto owner = currentOwner(folder);
    return owner ? owner->id : "";
}

BatchRow existing(HistoryReader& history, const std::string& batch_id) {
    auto batch = history.batch(batch_id);
    if (!batch) throw ConfigError("there is no batch '" + batch_id + "'; see: sheafline batches");
    return std::move(*batch);
}

std::string seconds(const std::optional<double>& value) {
    if (!value) return "";
    std::string text = std::to_string(*value);
    return text.substr(0, text.find('.') + 2) + " s";
}

}  // namespace

int batchesListCommand(bool json, const Settings& settings) {
    const DataFolder folder(settings.data_folder, settings.work_folder);
    HistoryReader history(folder.history());
    const std::string owner = ownerOf(folder);
    std::vector<TableRow> rows{{"BATCH", "PIPELINE", "STATE", "CREATED", "SHEETS", "QUARANTINED"}};
    for (const BatchRow& batch : history.batches({.limit = kNewestShown})) {
        const BatchState shown = shownState(batch, owner);
        if (json) std::cout << compactJson(batchJson(batch, shown)) << '\n';
        rows.push_back({batch.batch_id, batch.pipeline, std::string(toString(shown)),
                        batch.created_at, std::to_string(batch.sheets_total),
                        std::to_string(batch.sheets_quarantined)});
    }
    if (!json) writeTable(std::cout, rows);
    return kDone;
}

int batchesShowCommand(const std::string& batch_id, bool json, const Settings& settings) {
    const DataFolder folder(settings.data_folder, settings.work_folder);
    HistoryReader history(folder.history());
    const BatchRow batch = existing(history, batch_id);
    const BatchState shown = shownState(batch, ownerOf(folder));
    const auto stages = history.stages(batch_id, batch.execution);
    if (json) {
        Poco::JSON::Object object = batchJson(batch, shown);
        Poco::JSON::Array list;
        for (const StageRow& stage : stages) list.add(stageJson(stage));
        object.set("stages", list);
        std::cout << compactJson(object) << '\n';
        return kDone;
    }
    std::cout << "batch     " << batch.batch_id << "\npipeline  " << batch.pipeline
              << "\nstate     " << toString(shown) << "\ncreated   " << batch.created_at
              << "\nsheets    " << batch.sheets_total << " (" << batch.sheets_read << " read, "
              << batch.sheets_quarantined << " quarantined, " << batch.sheets_discarded
              << " discarded)\n";
    if (batch.outcome && batch.outcome->error) {
        std::cout << "error     " << batch.outcome->error->code << " in "
                  << batch.outcome->error->stage << ": " << batch.outcome->error->message << '\n';
    }
    std::vector<TableRow> rows{{"STAGE", "STATE", "ATTEMPT", "DONE", "TOTAL", "TIME", "ERROR"}};
    for (const StageRow& stage : stages) {
        rows.push_back({stage.stage_id, std::string(toString(stage.state)),
                        std::to_string(stage.attempt), std::to_string(std::llround(stage.done)),
                        std::to_string(std::llround(stage.total)), seconds(stage.elapsed_seconds),
                        stage.error.value_or("")});
    }
    std::cout << '\n';
    writeTable(std::cout, rows);
    for (const ArtifactRow& artifact : history.artifacts(batch_id)) {
        std::cout << "\nartifact  " << (folder.artifacts(batch_id) / artifact.name).string() << " ("
                  << artifact.size_bytes << " bytes)";
    }
    const auto skipped = history.skipped(batch_id);
    for (const SkippedEntry& entry : skipped)
        std::cout << "\nskipped   " << entry.file << ": " << entry.reason;
    std::cout << '\n';
    return kDone;
}

int batchesEventsCommand(const std::string& batch_id, std::uint64_t after,
                         const Settings& settings) {
    HistoryReader history(DataFolder(settings.data_folder, settings.work_folder).history());
    existing(history, batch_id);
    while (true) {
        const auto events = history.eventsOf(batch_id, after, kEventsAtOnce);
        for (const CommittedEvent& event : events) std::cout << event.json << '\n';
        if (events.empty()) return kDone;
        after = events.back().seq;
    }
}

int sheetsListCommand(const std::string& batch_id, const std::optional<std::string>& state,
                      bool json, const Settings& settings) {
    HistoryReader history(DataFolder(settings.data_folder, settings.work_folder).history());
    existing(history, batch_id);
    std::vector<TableRow> rows{{"SHEET", "FILE", "PAGE", "STATE", "QR", "REASON"}};
    for (const Sheet& sheet : history.sheets(batch_id)) {
        if (state && *state != toString(sheet.state)) continue;
        if (json) std::cout << compactJson(sheetJson(sheet)) << '\n';
        rows.push_back({std::to_string(sheet.number), sheet.file, std::to_string(sheet.page),
                        std::string(toString(sheet.state)), sheet.qr, sheet.reason});
    }
    if (!json) writeTable(std::cout, rows);
    return kDone;
}

}  // namespace sheafline
