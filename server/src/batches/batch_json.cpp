#include "batches/batch_json.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include <Poco/JSON/Array.h>
#include <Poco/URI.h>

#include "base/clocks.h"
#include "batch/params/param_files.h"
#include "batches/batch_title.h"

namespace sheafline {

namespace {

template <typename T>
void setOptional(Poco::JSON::Object& object, const std::string& key,
                 const std::optional<T>& value) {
    value ? object.set(key, *value) : object.set(key, Poco::Dynamic::Var());
}

Poco::Dynamic::Var errorOf(const BatchRow& batch) {
    const auto& stored = batch.error();
    if (!stored) return {};
    Poco::JSON::Object error(Poco::JSON_PRESERVE_KEY_ORDER);
    error.set("code", stored->code);
    error.set("message", stored->message);
    error.set("stage", stored->stage);
    return error;
}

// sheets_total = waiting + read + quarantined + discarded
void setSheets(Poco::JSON::Object& object, const BatchRow& batch) {
    const std::uint64_t processed =
        batch.sheets_read + batch.sheets_quarantined + batch.sheets_discarded;
    object.set("sheets_total", batch.sheets_total);
    object.set("sheets_waiting", batch.sheets_total - std::min(batch.sheets_total, processed));
    object.set("sheets_read", batch.sheets_read);
    object.set("sheets_quarantined", batch.sheets_quarantined);
    object.set("sheets_discarded", batch.sheets_discarded);
}

// Those that are known.
void setDoubtsAndEntries(Poco::JSON::Object& object, const BatchRow& batch) {
    const auto set = [&](const char* key, const std::optional<std::uint64_t>& value) {
        if (value) object.set(key, *value);
    };
    set("sheets_doubtful", batch.sheets_doubtful);
    set("answers_doubtful", batch.answers_doubtful);
    set("entries_total", batch.entries_total);
    set("entries_ignored", batch.entries_ignored);
}

Poco::JSON::Array stagesOf(const BatchRow& batch, HistoryReader& history) {
    Poco::JSON::Array stages;
    for (const StageRow& stage : history.stages(batch.batch_id, batch.execution))
        stages.add(stageJson(stage));
    return stages;
}

Poco::JSON::Array artifactsOf(const BatchRow& batch, HistoryReader& history) {
    Poco::JSON::Array artifacts;
    for (const ArtifactRow& artifact : history.artifacts(batch.batch_id)) {
        Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
        object.set("name", artifact.name);
        object.set("size", artifact.size_bytes);
        object.set("sha256", artifact.sha256);
        std::string name;
        Poco::URI::encode(artifact.name, "/?#", name);
        object.set("url", "/api/batches/" + batch.batch_id + "/artifacts/" + name);
        artifacts.add(object);
    }
    return artifacts;
}

}  // namespace

Poco::JSON::Object batchJson(const BatchRow& batch, BatchState shown) {
    Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("batch_id", batch.batch_id);
    object.set("pipeline", batch.pipeline);
    object.set("name", batch.name);
    object.set("filename", batch.file_name);
    object.set("exam", batch.exam);
    Poco::JSON::Object labels;
    for (const auto& [key, value] : labelsIn(batch.labels)) labels.set(key, value);
    object.set("labels", labels);
    object.set("state", std::string(toString(shown)));
    object.set("execution", batch.execution);
    object.set("created_at", batch.created_at);
    setOptional(object, "finished_at", batch.finished_at);
    setSheets(object, batch);
    object.set("seq", batch.seq);
    object.set("error", errorOf(batch));
    setDoubtsAndEntries(object, batch);
    return object;
}

Poco::JSON::Array filesJson(const std::vector<BatchFile>& files, const std::string& batch_id) {
    Poco::JSON::Array array;
    for (const BatchFile& file : files) {
        Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
        object.set("param", file.param);
        object.set("name", file.name);
        object.set("sha256", file.sha256);
        object.set("url", "/api/batches/" + batch_id + "/files/" + file.param);
        array.add(object);
    }
    return array;
}

Poco::JSON::Object stageJson(const StageRow& stage) {
    Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("stage_id", stage.stage_id);
    object.set("stage", stage.stage);
    object.set("state", std::string(toString(stage.state)));
    object.set("attempt", stage.attempt);
    setOptional(object, "started_at", stage.started_at);
    setOptional(object, "finished_at", stage.finished_at);
    setOptional(object, "elapsed_seconds", stage.elapsed_seconds);
    setOptional(object, "active_seconds", stage.active_seconds);
    object.set("done", std::llround(stage.done));
    object.set("total", std::llround(stage.total));
    object.set("failed", stage.failed);
    setOptional(object, "error", stage.error);
    return object;
}

Poco::JSON::Object sheetJson(const Sheet& sheet) {
    Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("sheet", sheet.number);
    object.set("file", sheet.file);
    object.set("page", sheet.page);
    object.set("state", std::string(toString(sheet.state)));
    object.set("reason", sheet.reason);
    object.set("qr", sheet.qr);
    object.set("group", sheet.group);
    object.set("attempts_failed", sheet.attempt);
    return object;
}

Poco::JSON::Object entryJson(const SkippedEntry& entry) {
    Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("entry", entry.file);
    object.set("state", "ignored");
    object.set("reason", entry.reason);
    return object;
}

std::string statusJson(const BatchRow& batch, BatchState shown, HistoryReader& history) {
    Poco::JSON::Object before(Poco::JSON_PRESERVE_KEY_ORDER);
    before.set("batch_id", batch.batch_id);
    before.set("pipeline", batch.pipeline);
    before.set("state", std::string(toString(shown)));
    before.set("execution", batch.execution);
    Poco::JSON::Object after(Poco::JSON_PRESERVE_KEY_ORDER);
    after.set("stages", stagesOf(batch, history));
    after.set("artifacts", artifactsOf(batch, history));
    after.set("error", errorOf(batch));
    setSheets(after, batch);
    setDoubtsAndEntries(after, batch);
    // The event is inserted as the bytes that every reader gets, because Poco would write 12.0 as
    // 12.
    std::string json = compactJson(before);
    json.back() = ',';
    json += "\"progress\":" + history.eventsOf(batch.batch_id, batch.seq - 1, 1).at(0).json;
    return json + ',' + compactJson(after).substr(1);
}

BatchView batchView(const BatchRow& batch, BatchState shown, HistoryReader& history) {
    return {.user = batch.user,
            .pipeline = batch.pipeline,
            .state = std::string(toString(shown)),
            .execution = batch.execution,
            .created_at = batch.created_at,
            .ended_seconds = batch.finished_at ? utcSeconds(*batch.finished_at) : 0,
            .status = statusJson(batch, shown, history)};
}

BatchState shownState(const BatchRow& batch, std::string_view owner_id) {
    if (batch.owner_lost) return *batch.owner_lost ? BatchState::interrupted : batch.state;
    const bool at_work = batch.state == BatchState::running ||
                         batch.state == BatchState::retrying || batch.state == BatchState::queued ||
                         batch.state == BatchState::cancelling;
    return at_work && owner_id != batch.owner ? BatchState::interrupted : batch.state;
}

std::string compactJson(const Poco::JSON::Object& object) {
    std::ostringstream out;
    object.stringify(out);
    return out.str();
}

}  // namespace sheafline
