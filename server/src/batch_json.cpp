#include "batch_json.h"

#include <cmath>
#include <sstream>

namespace sheafline {

namespace {

template <typename T>
void setOptional(Poco::JSON::Object& object, const std::string& key,
                 const std::optional<T>& value) {
    value ? object.set(key, *value) : object.set(key, Poco::Dynamic::Var());
}

}  // namespace

Poco::JSON::Object batchJson(const BatchRow& batch, BatchState shown) {
    Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("batch_id", batch.batch_id);
    object.set("pipeline", batch.pipeline);
    object.set("state", std::string(toString(shown)));
    object.set("execution", batch.execution);
    object.set("created_at", batch.created_at);
    setOptional(object, "finished_at", batch.finished_at);
    object.set("sheets_total", batch.sheets_total);
    object.set("sheets_read", batch.sheets_read);
    object.set("sheets_quarantined", batch.sheets_quarantined);
    object.set("sheets_discarded", batch.sheets_discarded);
    object.set("seq", batch.seq);
    if (batch.outcome && batch.outcome->error) {
        Poco::JSON::Object error(Poco::JSON_PRESERVE_KEY_ORDER);
        error.set("code", batch.outcome->error->code);
        error.set("message", batch.outcome->error->message);
        error.set("stage", batch.outcome->error->stage);
        object.set("error", error);
    } else {
        object.set("error", Poco::Dynamic::Var());
    }
    return object;
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

std::string compactJson(const Poco::JSON::Object& object) {
    std::ostringstream out;
    object.stringify(out);
    return out.str();
}

}  // namespace sheafline
