// `batches` and `sheets`: only read, also while another process owns the data folder.
#include <algorithm>
#include <cstdint>
#include <iostream>

#include <sheafline/error.h>
#include <sheafline/shown_text.h>

#include "base/clocks.h"
#include "base/data_folder.h"
#include "batch/review_deadline.h"
#include "batches/batch_json.h"
#include "batches/batch_title.h"
#include "command_parts/existing_batch.h"
#include "command_parts/exit_status.h"
#include "commands/commands.h"
#include "decisions/share_json.h"
#include "history/history_reader.h"
#include "history/reading/artifact_file.h"
#include "history/shares/share_rows.h"
#include "terminal/text_table.h"

namespace sheafline {

namespace {

constexpr int kBatchesAtOnce = 1000;
constexpr int kEventsAtOnce = 1000;
constexpr int kIgnoredShown = 20;

std::string ownerOf(const DataFolder& folder) {
    const auto owner = currentOwner(folder);
    return owner ? owner->id : "";
}

// "300 (298 read, 41 of them with 57 doubtful answers, 2 quarantined, 0 discarded)"
std::string sheetsText(const BatchRow& batch) {
    std::string text =
        std::to_string(batch.sheets_total) + " (" + std::to_string(batch.sheets_read) + " read, ";
    if (batch.sheets_doubtful.value_or(0) > 0)
        text += std::to_string(*batch.sheets_doubtful) + " of them with " +
                counted(batch.answers_doubtful.value_or(0), "doubtful answer") + ", ";
    return text + std::to_string(batch.sheets_quarantined) + " quarantined, " +
           std::to_string(batch.sheets_discarded) + " discarded)";
}

std::string secondsText(const std::optional<double>& value) {
    if (!value) return "";
    std::string text = std::to_string(*value);
    return text.substr(0, text.find('.') + 2) + " s";
}

}  // namespace

int batchesListCommand(const BatchListOptions& options, const Settings& settings) {
    const DataFolder folder(settings.data_folder, settings.work_folder);
    HistoryReader history(folder.history());
    const std::string owner = ownerOf(folder);
    BatchFilter page{.limit = kBatchesAtOnce};
    if (options.after) {
        const BatchRow before = existingBatch(history, *options.after);
        page.after = {before.created_ms, before.row_id};
    }
    const auto most = options.limit == 0 ? SIZE_MAX : static_cast<std::size_t>(options.limit);
    std::size_t listed = 0;
    std::string last;
    std::vector<TableRow> rows{
        {"BATCH", "NAME", "PIPELINE", "STATE", "CREATED", "SHEETS", "QUARANTINED", "DOUBTFUL"}};
    bool more = true;
    while (more && listed < most) {
        const auto batches = history.batches(page);
        more = batches.size() == static_cast<std::size_t>(page.limit);
        for (const BatchRow& batch : batches) {
            if (listed == most) {
                more = true;
                break;
            }
            const BatchState shown = shownState(batch, owner);
            if (options.json) std::cout << compactJson(batchJson(batch, shown)) << '\n';
            rows.push_back({batch.batch_id, batch.name, batch.pipeline,
                            std::string(toString(shown)), batch.created_at,
                            std::to_string(batch.sheets_total),
                            std::to_string(batch.sheets_quarantined),
                            batch.sheets_doubtful ? std::to_string(*batch.sheets_doubtful) : ""});
            page.after = {batch.created_ms, batch.row_id};
            last = batch.batch_id;
            ++listed;
        }
    }
    if (!options.json) writeTable(std::cout, rows);
    // A full page at the very end of the list has nothing after it.
    page.limit = 1;
    if (more && !history.batches(page).empty()) {
        std::cout.flush();
        std::cerr << counted(listed, "batch is", "batches are")
                  << " listed; there are more. Next page: sheafline batches "
                  << "--after " << last << "; all: sheafline batches --limit 0\n";
    }
    return kDone;
}

int batchesShowCommand(const std::string& batch_id, bool json, const Settings& settings) {
    const DataFolder folder(settings.data_folder, settings.work_folder);
    HistoryReader history(folder.history());
    const BatchRow batch = existingBatch(history, batch_id);
    const BatchState shown = shownState(batch, ownerOf(folder));
    const auto stages = history.stages(batch_id, batch.execution);
    if (json) {
        Poco::JSON::Object object = batchJson(batch, shown);
        Poco::JSON::Array list;
        for (const StageRow& stage : stages) list.add(stageJson(stage));
        object.set("stages", list);
        object.set("shares", sharesJson(ShareReader(history.database()).of(batch_id)));
        std::cout << compactJson(object) << '\n';
        return kDone;
    }
    std::cout << "batch     " << batch.batch_id;
    if (!batch.name.empty()) std::cout << "\nname      " << shownText(batch.name);
    if (!batch.file_name.empty()) std::cout << "\nfile      " << shownText(batch.file_name);
    if (!batch.exam.empty()) std::cout << "\nexam      " << shownText(batch.exam);
    for (const auto& [key, value] : labelsIn(batch.labels))
        std::cout << "\nlabel     " << shownText(key) << '=' << shownText(value);
    if (const auto until = reviewDeadline(history, PluginCatalog(settings.plugin_folders), batch)) {
        const bool over = wallMs() / 1000 > *until;
        std::cout << "\nreview    "
                  << (over ? "its timeout was over at " : "waits for people until ")
                  << utcText(*until * 1000)
                  << (over ? "; end it with: sheafline resume " + batch_id : "");
    }
    const Shares shares = ShareReader(history.database()).of(batch_id);
    if (shares.everybody || !shares.users.empty())
        std::cout << "\nshared    with " << sharesText(shares);
    std::cout << "\npipeline  " << shownText(batch.pipeline) << "\nstate     " << toString(shown)
              << "\ncreated   " << batch.created_at << "\nsheets    " << sheetsText(batch) << '\n';
    if (const auto& error = batch.error()) {
        std::cout << "error     " << error->code;
        if (!error->stage.empty()) std::cout << " in " << shownText(error->stage);
        std::cout << ": " << shownText(error->message) << '\n';
    }
    std::vector<TableRow> rows{{"STAGE", "STATE", "ATTEMPT", "DONE", "TOTAL", "TIME", "ERROR"}};
    for (const StageRow& stage : stages) {
        rows.push_back({stage.stage_id, std::string(toString(stage.state)),
                        std::to_string(stage.attempt), std::to_string(std::llround(stage.done)),
                        std::to_string(std::llround(stage.total)),
                        secondsText(stage.elapsed_seconds), stage.error.value_or("")});
    }
    std::cout << '\n';
    writeTable(std::cout, rows);
    for (const ArtifactRow& artifact : history.artifacts(batch_id)) {
        std::cout << "\nartifact  " << shownText(artifactFile(folder, batch_id, artifact).string())
                  << " (" << artifact.size_bytes << " bytes)";
    }
    const auto ignored = history.ignored(batch_id, 0, kIgnoredShown + 1);
    for (std::size_t i = 0; i < std::min<std::size_t>(ignored.size(), kIgnoredShown); ++i)
        std::cout << "\nignored   " << shownText(ignored[i].file) << ": "
                  << shownText(ignored[i].reason);
    if (ignored.size() > kIgnoredShown)
        std::cout << "\nignored   more entries; see: sheafline batches entries " << batch_id;
    std::cout << '\n';
    return kDone;
}

int batchesEntriesCommand(const std::string& batch_id, bool json, const Settings& settings) {
    HistoryReader history(DataFolder(settings.data_folder, settings.work_folder).history());
    existingBatch(history, batch_id);
    std::vector<TableRow> rows{{"ENTRY", "STATE", "REASON"}};
    for (const SkippedEntry& entry : history.ignored(batch_id)) {
        if (json) std::cout << compactJson(entryJson(entry)) << '\n';
        rows.push_back({entry.file, "ignored", entry.reason});
    }
    if (!json) writeTable(std::cout, rows);
    return kDone;
}

int batchesEventsCommand(const std::string& batch_id, std::uint64_t after,
                         const Settings& settings) {
    HistoryReader history(DataFolder(settings.data_folder, settings.work_folder).history());
    existingBatch(history, batch_id);
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
    existingBatch(history, batch_id);
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
