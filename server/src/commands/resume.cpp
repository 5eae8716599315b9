// `resume`, `retry`, `sheets fix` and `cancel`: what a person does with a batch that exists. Where
// another process owns the data folder, that process does the work and the exit status is the same.
#include <csignal>
#include <filesystem>
#include <iostream>

#include <sheafline/error.h>

#include "base/clocks.h"
#include "base/stderr_log.h"
#include "batch/batch_scope.h"
#include "batch/next_execution.h"
#include "batch/resume_plan.h"
#include "batch/review_deadline.h"
#include "batches/batch_json.h"
#include "batches/sinks/redis_feed.h"
#include "client/batch_screen.h"
#include "command_parts/batch_results.h"
#include "command_parts/existing_batch.h"
#include "command_parts/exit_status.h"
#include "command_parts/own_batch.h"
#include "command_parts/plugin_path.h"
#include "command_parts/restarted_batch.h"
#include "commands/commands.h"
#include "decisions/decision_check.h"
#include "pipeline/required_secrets.h"
#include "terminal/text_table.h"

namespace sheafline {

namespace {

ConfigError alreadyEnded(const BatchRow& batch) {
    return ConfigError("the batch '" + batch.batch_id + "' is already " +
                       std::string(toString(batch.state)));
}

}  // namespace

int resumeCommand(const ResumeOptions& options, const Settings& given) {
    const Settings settings = withPluginPathOf(options.batch_id, given);
    const Signals signals({SIGINT, SIGTERM});
    const PluginCatalog plugins(settings.plugin_folders);
    StderrLog log(settings.log, "");
    const DataFolder folder(settings.data_folder, settings.work_folder);
    // A folder that exists must be usable; one that does not has nothing to resume.
    if (std::filesystem::exists(folder.data())) folder.prepare();
    HistoryReader history(folder.history());
    if (const BatchRow batch = existingBatch(history, options.batch_id);
        isFinal(batch.state) && currentOwner(folder))
        throw alreadyEnded(batch);
    Owner owner(ownerOptions(settings, "resume " + options.batch_id), plugins, log);
    const BatchRow batch = existingBatch(history, options.batch_id);
    const Pipeline pipeline = pipelineOf(batch, plugins, folder);
    const auto deadline = reviewDeadline(history, plugins, batch);
    const bool too_late = deadline && wallMs() / 1000 > *deadline;
    if (batch.state == BatchState::reviewing && !too_late)
        throw ConfigError("the batch '" + options.batch_id +
                          "' waits for people; continue it with: sheafline decide " +
                          options.batch_id + " --file decisions.csv --apply");
    addRedisSink(owner, plugins, settings);
    addSinks(owner, plugins, pipeline, batch, options.json);
    if (isFinal(batch.state)) {
        // Its owner may have died between the last event and its delivery.
        deliverRest(owner);
        throw alreadyEnded(batch);
    }
    const std::int64_t epoch = claimBatch(owner, options.batch_id);
    if (too_late) owner.history().commit(reviewTimeout(options.batch_id));
    const std::string why = too_late ? "the time for people's decisions is over"
                            : batch.state == BatchState::interrupted ? "it was interrupted"
                                                                     : "its owner was lost";
    return superviseToEnd(owner, options.batch_id, why, epoch, signals, options.json);
}

int resumePlanCommand(const ResumeOptions& options, const Settings& given) {
    const Settings settings = withPluginPathOf(options.batch_id, given);
    const PluginCatalog plugins(settings.plugin_folders);
    const DataFolder folder(settings.data_folder, settings.work_folder);
    HistoryReader history(folder.history());
    const BatchRow batch = existingBatch(history, options.batch_id);
    std::vector<TableRow> rows{{"STAGE", "RESUME", "SHEETS", "WHY"}};
    const auto plan = planResume(history, batch, plugins, folder);
    for (const PlannedStage& stage : plan.stages) {
        rows.push_back({stage.stage_id, std::string(toString(stage.fate)),
                        std::to_string(stage.sheets), stage.why});
        if (!options.json) continue;
        Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
        object.set("stage_id", stage.stage_id);
        object.set("resume", rows.back()[1]);
        object.set("sheets", static_cast<Poco::UInt64>(stage.sheets));
        object.set("why", stage.why);
        std::cout << compactJson(object) << '\n';
    }
    if (!options.json) writeTable(std::cout, rows);
    return kDone;
}

int retryCommand(const std::string& batch_id, const RestartOptions& options,
                 const Settings& settings) {
    return restartedBatch(batch_id, retryRequest(batch_id), options, settings);
}

namespace {

// A code that does not fit would leave the sheet as it is, after a whole execution.
void checkCode(const std::string& batch_id, const std::string& code, const Settings& settings) {
    const DataFolder folder(settings.data_folder, settings.work_folder);
    const PluginCatalog plugins(settings.plugin_folders);
    HistoryReader history(folder.history());
    const DecisionCheck check(history, folder, plugins, existingBatch(history, batch_id));
    if (const auto problem = check.codeProblem(code)) throw ConfigError(problem->detail);
}

}  // namespace

int sheetsFixCommand(const std::string& batch_id, const FixOptions& fix,
                     const RestartOptions& options, const Settings& settings) {
    if (fix.qr.has_value() == fix.discard)
        throw ConfigError("sheets fix requires either --qr CODE or --discard");
    if (fix.qr) checkCode(batch_id, *fix.qr, withPluginPathOf(batch_id, settings));
    return restartedBatch(batch_id, fixRequest(batch_id, {.sheet = fix.sheet, .qr = fix.qr}),
                          options, settings);
}

int cancelCommand(const std::string& batch_id, const Settings& settings) {
    const DataFolder folder(settings.data_folder, settings.work_folder);
    {
        HistoryReader history(folder.history());
        const BatchRow batch = existingBatch(history, batch_id);
        if (isFinal(batch.state)) throw alreadyEnded(batch);
    }
    if (currentOwner(folder)) {
        askOwner(folder.controlSocket(), "cancel " + batch_id);
        std::cout << "cancelling " << batch_id << '\n';
        return kDone;
    }
    {
        const OwnerLock lock(folder, "cancel " + batch_id);
        History(folder.history(), lock.identity().id)
            .commit(
                {.batch_id = batch_id, .expected = notEnded(), .state = BatchState::cancelling});
    }
    // No process runs it, so its `finally` stages and its last event are done here.
    const ResumeOptions resume{.batch_id = batch_id};
    try {
        return resumeCommand(resume, settings) == kCancelled ? kDone : kBatchFailed;
    } catch (const Error& error) {
        if (error.code() != "BATCH_RUNS") throw;
        std::cout << "cancelling " << batch_id << '\n';  // by the server that runs it
        return kDone;
    }
}

}  // namespace sheafline
