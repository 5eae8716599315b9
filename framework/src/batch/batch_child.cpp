#include "batch/batch_child.h"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unistd.h>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>

#include "batch/batch_scope.h"
#include "batch/lease/lease_watch.h"
#include "batch/lease/unnamed_artifacts.h"
#include "batch/lease/work_epoch.h"
#include "batch/owner_link.h"
#include "batch/run/batch_pipeline.h"
#include "batch/run/runner.h"
#include "history/decisions/decision_reader.h"
#include "process/process.h"
#include "process/process_guard.h"

namespace sheafline {

namespace {

constexpr std::uint64_t kMostBatchFiles = 4'096;  // of its stages together
constexpr int kRejectedExit = 70;
constexpr const char* kOwnerResumes = "owner-resumes";
constexpr unsigned kLogPatienceSeconds = 1;

// Another server takes the batch over, so nothing of this process may run any longer; its guard
// ends the workers and programs.
[[noreturn]] void endWithoutLease(Log& log) {
    ::alarm(kLogPatienceSeconds);  // its stopped owner may be the reader of a full pipe
    log.error("ended, because its owner did not renew the lease of the batch within " +
              std::to_string(kLease.count()) +
              " s; another server continues it, or the same one when it works again");
    ::_exit(kRejectedExit);
}

}  // namespace

std::vector<std::string> argumentsOf(const BatchChildOptions& options) {
    std::vector<std::string> arguments{"batch-process",
                                       options.data_folder,
                                       options.work_folder,
                                       options.batch_id,
                                       std::string(toString(options.log.lowest)),
                                       std::string(toString(options.log.format)),
                                       options.resumed_because,
                                       options.owner_resumes ? kOwnerResumes : "person-resumes",
                                       std::to_string(options.epoch)};
    for (const auto& folder : options.plugin_folders) arguments.push_back(folder);
    return arguments;
}

BatchChildOptions batchChildOptions(const std::vector<std::string>& arguments) {
    return {.data_folder = arguments.at(1),
            .work_folder = arguments.at(2),
            .plugin_folders = {arguments.begin() + 9, arguments.end()},
            .batch_id = arguments.at(3),
            .resumed_because = arguments.at(6),
            .log = {.lowest = logLevel(arguments.at(4)), .format = logFormat(arguments.at(5))},
            .owner_resumes = arguments.at(7) == kOwnerResumes,
            .epoch = std::stoll(arguments.at(8))};
}

int runBatchChild(const BatchChildOptions& options) {
    guardThisProcess();
    limitOpenFiles(kMostBatchFiles);
    const DataFolder folder(options.data_folder, options.work_folder);
    Redactor redactor;
    StderrLog log(options.log, "batch " + options.batch_id, &redactor);
    std::unique_ptr<Runner> runner;
    std::mutex runner_mutex;
    std::optional<StopReason> early_stop;
    std::optional<LeaseWatch> lease;
    if (options.epoch > 0) lease.emplace([&log] { endWithoutLease(log); });
    // The owner may ask for a stop before the runner exists.
    OwnerLink link(
        kPeerSocket, options.batch_id, redactor,
        [&](StopReason reason) {
            const std::lock_guard lock(runner_mutex);
            runner ? runner->stop(reason) : static_cast<void>(early_stop = reason);
        },
        [&lease](LeaseWatch::Clock::time_point until) {
            if (lease) lease->extend(until);
        });
    const PluginCatalog plugins(options.plugin_folders);
    // The watch of the lease ends a wait that is too long.
    sql::Place place = folder.history();
    place.waits = true;
    HistoryReader history(place);
    const BatchRow batch = history.batch(options.batch_id).value();
    const Pipeline pipeline = batchPipeline(
        batch, DecisionReader(history.database()).scoringKey(batch.batch_id), plugins, folder);
    createFolders(folder.epoch(batch.batch_id, options.epoch));
    removeUnnamedArtifacts(folder, batch.batch_id, options.epoch, history, log);
    useWorkFolder(folder.work(batch.batch_id), options.epoch);
    BatchSheets sheets(link, place, batch, folder.work(batch.batch_id));
    const BatchEnvironment environment{
        .batch_id = batch.batch_id,
        .input_name = batch.file_name,
        .execution = batch.execution,
        .epoch = options.epoch,
        .batch_folder = folder.batch(batch.batch_id),
        .artifact_folder = folder.artifacts(batch.batch_id, options.epoch),
        .work_folder = folder.work(batch.batch_id),
        .pipeline_folder = pipeline.file.parent_path(),
        .plugins = plugins,
        .link = link,
        .sheets = sheets,
        .history = history,
        .log = log,
        .redactor = redactor,
        .owner_resumes = options.owner_resumes,
        .holds_artifacts = DecisionReader(history.database()).reversibleApply(batch.batch_id),
        .continued_without = DecisionReader(history.database()).continuedWithout(batch.batch_id)};
    {
        const std::lock_guard lock(runner_mutex);
        runner = std::make_unique<Runner>(
            pipeline, batch, history.stages(batch.batch_id, batch.execution), environment,
            batchScope(batch, pipeline, folder, redactor));
        if (early_stop) runner->stop(*early_stop);
    }
    try {
        runner->run(options.resumed_because);
    } catch (const std::exception& error) {
        // Nothing can be stored any more. Stages may still run on what this function owns, so the
        // process ends here; the owner knows the reason, and its guard ends the workers.
        log.warning(std::string("stopped: ") + error.what());
        ::_exit(kRejectedExit);
    }
    return 0;
}

}  // namespace sheafline
