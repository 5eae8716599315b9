#include "batch/next_execution.h"

#include <algorithm>
#include <charconv>

#include <sheafline/error.h>
#include <sheafline/progress.h>
#include <sheafline/shown_text.h>

#include "base/login_name.h"
#include "batch/apply_change.h"
#include "history/decisions/decision_wire.h"

namespace sheafline {

namespace {

Change opened(const BatchRow& batch, NextExecution next, std::string message) {
    return {.batch_id = batch.batch_id,
            .expected = Expected{.states = {batch.state}, .execution = batch.execution},
            .next_execution = std::move(next),
            .state = BatchState::running,
            .events = {{.stage = std::string(toString(ProcessingStage::queued)),
                        .message = std::move(message)}}};
}

}  // namespace

Change retryChange(HistoryReader& history, const PluginCatalog& plugins,
                   const std::string& batch_id) {
    const BatchRow batch = endedBatch(history, batch_id, "retried");
    if (batch.state != BatchState::failed)
        throw ConfigError("the batch '" + batch_id + "' is completed; there is nothing to retry");
    NextExecution next;
    std::string from = "its start";
    for (const StageRow& stage : history.stages(batch_id, batch.execution)) {
        const bool over =
            stage.state == StageState::completed || stage.state == StageState::skipped;
        if (over && !stage.in_finally) continue;
        next.reruns.push_back({.stage_id = stage.stage_id, .keeps_checkpoint = !stage.in_finally});
        if (stage.state != StageState::failed || stage.in_finally) continue;
        from = stage.stage_id;
        // A plugin that is missing fails the next execution, with its name.
        const PluginEntry* plugin = plugins.find(PluginKind::stage, stage.plugin);
        if (plugin == nullptr) continue;
        if (plugin->descriptor->reads_sheets) next.readings = SheetChoice::quarantined;
        if (plugin->descriptor->groups_sheets) next.codes = SheetChoice::quarantined;
    }
    return opened(batch, std::move(next), "Retried from " + from);
}

Change fixChange(HistoryReader& history, const PluginCatalog& plugins, const std::string& batch_id,
                 const SheetFix& fix) {
    const auto found = history.batch(batch_id);
    const bool reviewing = found && found->state == BatchState::reviewing;
    const BatchRow batch = reviewing ? *found : endedBatch(history, batch_id, "fixed");
    const auto sheet = history.sheet(batch_id, fix.sheet);
    const std::string name = "sheet " + std::to_string(fix.sheet);
    if (!sheet) throw ConfigError("the batch '" + batch_id + "' has no " + name);
    // A page that a stage or a person discarded can still get a code.
    const bool taken_back = sheet->state == SheetState::discarded && fix.qr;
    if (sheet->state != SheetState::quarantined && !taken_back)
        throw ConfigError(name + " is " + std::string(toString(sheet->state)) +
                          "; only a quarantined one can be fixed");
    if (fix.qr && fix.qr->empty())
        throw ConfigError("the code is empty; give the text of the code, or --discard");
    NewDecision decision{.sheet = fix.sheet,
                         .kind = fix.qr ? DecisionKind::qr : DecisionKind::discard,
                         .value = fix.qr.value_or("")};
    const Decision planned{.sheet = fix.sheet, .kind = decision.kind};
    // Decisions that other people have pending wait for their own apply.
    const std::string request =
        "fix " + std::to_string(batch.execution + 1) + " " + std::to_string(fix.sheet);
    Change change = opened(batch, {.reruns = rerunsOf(history, plugins, batch, {planned})},
                           fix.qr ? "Fixed: " + name + " has the code " + *fix.qr
                                  : "Fixed: " + name + " is discarded");
    change.decisions =
        NewDecisions{.list = {std::move(decision)}, .user = fix.user, .request = request};
    change.apply = ApplyDecisions{.request = request, .reversible = !reviewing};
    // A batch in review continues its execution.
    if (reviewing) {
        change.apply->reruns = std::move(change.next_execution->reruns);
        change.next_execution.reset();
    }
    return change;
}

Change scoreChange(HistoryReader& history, const PluginCatalog& plugins,
                   const std::string& batch_id, NewDecisions decision) {
    if (decision.list.size() != 1 || decision.list.front().kind != DecisionKind::score)
        throw ConfigError("a request to score names one key");
    const BatchRow batch = endedBatch(history, batch_id, "scored again");
    const Decision planned{.kind = DecisionKind::score};
    Change change = opened(batch, {.reruns = rerunsOf(history, plugins, batch, {planned})},
                           "Scoring " + counted(batch.sheets_read, "sheet") + " with another key");
    change.apply = ApplyDecisions{.request = decision.request, .reversible = true};
    change.decisions = std::move(decision);
    return change;
}

std::string scoreRequest(const std::string& batch_id, const NewDecisions& decision) {
    return "score " + batch_id + ' ' + wordOf(decision);
}

std::string retryRequest(const std::string& batch_id) { return "retry " + batch_id; }

std::string fixRequest(const std::string& batch_id, const SheetFix& fix) {
    if (fix.qr && fix.qr->find('\n') != std::string::npos)
        throw ConfigError("the code has a line break; give it on one line");
    return "fix " + batch_id + ' ' + std::to_string(fix.sheet) + " by " + loginName() +
           (fix.qr ? " qr " + *fix.qr : " discard");
}

// control_socket.h has the grammar. A request that is almost right is rejected: to guess
// could discard a sheet.
Change restartChange(HistoryReader& history, const PluginCatalog& plugins,
                     const std::string& request) {
    const auto wrong = [&] {
        return ConfigError(
            "'" + request +
            "' is not a request; send 'retry BATCH', 'apply BATCH', 'score BATCH KEY', 'fix BATCH "
            "SHEET by ACCOUNT discard' or 'fix BATCH SHEET by ACCOUNT qr CODE'");
    };
    std::string_view rest = request;
    const auto word = [&rest] {
        const std::size_t end = rest.find(' ');
        const std::string_view found = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        return found;
    };
    const std::string_view verb = word();
    const std::string batch_id(word());
    if (batch_id.empty()) throw wrong();
    if (verb == "retry" && rest.empty()) return retryChange(history, plugins, batch_id);
    if (verb == "apply" && rest.empty()) return applyChange(history, plugins, batch_id);
    if (verb == "score") return scoreChange(history, plugins, batch_id, decisionsOfWord(rest));
    if (verb != "fix") throw wrong();
    SheetFix fix;
    const std::string_view number = word();
    const auto read = std::from_chars(number.data(), number.data() + number.size(), fix.sheet);
    if (read.ec != std::errc() || read.ptr != number.data() + number.size() || fix.sheet < 1)
        throw wrong();
    if (word() != "by") throw wrong();
    fix.user = std::string(word());
    if (fix.user.empty()) throw wrong();
    const std::string_view what = word();
    if (what == "qr") {
        fix.qr = std::string(rest);
    } else if (what != "discard" || !rest.empty()) {
        throw wrong();
    }
    return fixChange(history, plugins, batch_id, fix);
}

}  // namespace sheafline
