#include "owner/change_check.h"

#include <algorithm>
#include <cmath>
#include <string>

#include <sheafline/utf8.h>

#include "history/text_list.h"
#include "process/wire.h"

namespace sheafline {

namespace {

bool isAscii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

void clean(std::string& text) {
    if (!isAscii(text)) text = cleanUtf8(text);
}

void clean(std::optional<std::string>& text) {
    if (text) clean(*text);
}

void clean(double& number, double otherwise = 0) {
    if (!std::isfinite(number)) number = otherwise;
}

void clean(std::optional<double>& number) {
    if (number && !std::isfinite(*number)) number.reset();
}

void clean(std::optional<EventError>& error) {
    if (!error) return;
    clean(error->code);
    clean(error->message);
    clean(error->stage);
}

bool mayEnter(BatchState state) {
    return state != BatchState::uploading && state != BatchState::queued &&
           state != BatchState::cancelling;
}

void checkNumber(int number) {
    if (number < 1) WireReader::fail("sheet number " + std::to_string(number));
}

void checkRow(const std::string& row) {
    try {
        static_cast<void>(textsOf(row));
    } catch (const std::exception&) {
        WireReader::fail("a row that is not a JSON array of texts");
    }
}

void check(NewStage& stage) {
    clean(stage.stage_id);
    clean(stage.stage);
    clean(stage.plugin);
    clean(stage.plugin_version);
    if (stage.stage_id.empty()) WireReader::fail("a stage without an id");
    if (!std::isfinite(stage.weight) || stage.weight < 0)
        WireReader::fail("a wrong weight of stage " + stage.stage_id);
}

void check(ChangedStage& stage) {
    clean(stage.stage_id);
    clean(stage.fingerprint);
    clean(stage.error);
    if (stage.attempt && *stage.attempt < 0) WireReader::fail("a wrong attempt of a stage");
}

void check(Sheet& sheet) {
    checkNumber(sheet.number);
    if (sheet.page < 1) WireReader::fail("a wrong page of sheet " + std::to_string(sheet.number));
    if (sheet.state != SheetState::waiting && sheet.state != SheetState::quarantined)
        WireReader::fail("a wrong state of the new sheet " + std::to_string(sheet.number));
    for (std::string* text : {&sheet.file, &sheet.reason, &sheet.qr, &sheet.group}) clean(*text);
}

void check(ChangedSheet& sheet) {
    checkNumber(sheet.number);
    for (auto* text : {&sheet.qr, &sheet.group, &sheet.reason, &sheet.row}) clean(*text);
    if (sheet.row) checkRow(*sheet.row);
    if (!sheet.reading) return;
    for (std::string& value : sheet.reading->values) clean(value);
    for (auto* text : {&sheet.reading->flags, &sheet.reading->evidence, &sheet.reading->reason})
        clean(*text);
    clean(sheet.reading->confidence);
}

void check(ArtifactRow& artifact) {
    clean(artifact.name);
    clean(artifact.sha256);
    if (artifact.name.empty() || artifact.name.front() == '.' ||
        artifact.name.find('/') != std::string::npos)
        WireReader::fail("the artifact name '" + artifact.name + "'");
}

void check(EventDraft& event) {
    for (std::string* text : {&event.stage_id, &event.stage, &event.message}) clean(*text);
    clean(event.done);
    clean(event.total);
    clean(event.eta_seconds);
    clean(event.rate_per_second);
    clean(event.error);
}

}  // namespace

void checkChange(Change& change, std::string_view batch_id) {
    if (change.batch_id != batch_id) WireReader::fail("the id of another batch");
    if (change.create || change.next_execution || change.remove)
        WireReader::fail("a change that only the owner makes");
    if (change.state && !mayEnter(*change.state))
        WireReader::fail("the state " + std::string(toString(*change.state)) +
                         ", which only the owner sets");
    if (change.outcome) {
        if (!isFinal(change.outcome->state)) WireReader::fail("an outcome that is not final");
        clean(change.outcome->error);
    }
    for (NewStage& stage : change.plan) check(stage);
    for (ChangedStage& stage : change.stages) check(stage);
    for (Sheet& sheet : change.new_sheets) check(sheet);
    for (ChangedSheet& sheet : change.sheets) check(sheet);
    for (SkippedEntry& entry : change.skipped) {
        clean(entry.file);
        clean(entry.reason);
    }
    if (change.columns) {
        for (std::string& column : *change.columns) clean(column);
    }
    for (ArtifactRow& artifact : change.artifacts) check(artifact);
    for (EventDraft& event : change.events) check(event);
}

}  // namespace sheafline
