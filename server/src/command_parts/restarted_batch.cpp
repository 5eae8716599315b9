#include "command_parts/restarted_batch.h"

#include <csignal>
#include <iostream>
#include <utility>

#include <sheafline/error.h>

#include "base/stderr_log.h"
#include "batch/batch_scope.h"
#include "batch/next_execution.h"
#include "batches/sinks/redis_feed.h"
#include "client/batch_screen.h"
#include "command_parts/batch_results.h"
#include "command_parts/existing_batch.h"
#include "command_parts/exit_status.h"
#include "command_parts/own_batch.h"
#include "command_parts/plugin_path.h"
#include "pipeline/required_secrets.h"

namespace sheafline {

Pipeline pipelineOf(const BatchRow& batch, const PluginCatalog& plugins, const DataFolder& folder) {
    Pipeline pipeline = parsePipeline(batch.pipeline_text, batch.pipeline_file, plugins);
    Redactor redactor;
    // A cancel must not depend on secrets of stages that do not run any more.
    if (batch.state != BatchState::cancelling)
        requireSecrets(pipeline, batchScope(batch, pipeline, folder, redactor));
    return pipeline;
}

namespace {

// The owner of the data folder runs the batch, and this process follows it.
int restartedElsewhere(const DataFolder& folder, const std::string& batch_id,
                       const std::string& request, const RestartOptions& options,
                       const Settings& settings) {
    std::uint64_t after = 0;
    {
        HistoryReader history(folder.history());
        after = existingBatch(history, batch_id).seq;
    }
    const PluginCatalog plugins(settings.plugin_folders);
    const BatchScreen screen(plugins, options.json);
    askOwner(folder.controlSocket(), request);
    std::cerr << "the owner of the data folder continues batch " << batch_id << '\n';
    if (options.no_wait) return kDone;
    const BatchState state =
        followInFolder(folder, batch_id, screen.show(), FollowTo::end_or_review, after);
    if (!options.json) showResults(folder, batch_id);
    return exitStatus(state);
}

}  // namespace

int restartedBatch(const std::string& batch_id, const std::string& request,
                   const RestartOptions& options, const Settings& given) {
    const Settings settings = withPluginPathOf(batch_id, given);
    const DataFolder folder(settings.data_folder, settings.work_folder);
    if (currentOwner(folder))
        return restartedElsewhere(folder, batch_id, request, options, settings);
    const Signals signals({SIGINT, SIGTERM});
    const PluginCatalog plugins(settings.plugin_folders);
    StderrLog log(settings.log, "");
    HistoryReader history(folder.history());
    Owner owner(ownerOptions(settings, request), plugins, log);
    Change change = restartChange(history, plugins, request);
    const BatchRow batch = history.batch(batch_id).value();
    addRedisSink(owner, plugins, settings);
    addSinks(owner, plugins, pipelineOf(batch, plugins, folder), batch, options.json);
    const std::int64_t epoch = claimBatch(owner, batch_id);
    change.epoch = epoch;
    owner.history().commit(std::move(change));
    const int status = superviseToEnd(owner, batch_id, "", epoch, signals, options.json);
    // A failed apply leaves the batch as it was, with the reason as its error.
    const bool failed = history.batch(batch_id).value().error().has_value();
    return status == kDone && failed ? kBatchFailed : status;
}

}  // namespace sheafline
