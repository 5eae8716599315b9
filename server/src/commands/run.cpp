// `run` and `resume`: one batch, by an owner of its own, until it ends or a signal stops it.
#include <algorithm>
#include <cctype>
#include <csignal>
#include <iostream>
#include <sstream>
#include <unistd.h>

#include <Poco/UUIDGenerator.h>

#include <sheafline/error.h>

#include "base/stderr_log.h"
#include "batch/batch_scope.h"
#include "batch/next_execution.h"
#include "batch/resume_plan.h"
#include "batches/batch_json.h"
#include "client/batch_screen.h"
#include "commands/batch_results.h"
#include "commands/commands.h"
#include "commands/exit_status.h"
#include "commands/given_params.h"
#include "commands/signals.h"
#include "neighbours/redis_feed.h"
#include "owner/owner.h"
#include "pipeline/pipeline_loader.h"
#include "streams/history_events.h"
#include "streams/stream_front.h"
#include "terminal/text_table.h"

namespace sheafline {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPoll{100};
constexpr std::chrono::seconds kGrace{30};
constexpr std::chrono::seconds kSinkPatience{5};

std::map<std::string, std::string> paramsOf(const RunOptions& options) {
    auto given = givenParams(options.set);
    if (options.input) given.emplace("input", *options.input);
    return given;
}

std::string newBatchId(const std::optional<std::string>& wanted) {
    if (!wanted) return Poco::UUIDGenerator::defaultGenerator().createRandom().toString();
    const auto plain = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_'; };
    const bool sound = !wanted->empty() && wanted->size() <= 64 &&
                       std::isalnum(static_cast<unsigned char>(wanted->front())) != 0 &&
                       std::all_of(wanted->begin(), wanted->end(), plain);
    if (!sound) {
        throw ConfigError("--batch-id '" + *wanted +
                          "' is no batch id: letters, digits, '-' and '_', at most 64, the first a "
                          "letter or digit");
    }
    return *wanted;
}

void addSinks(Owner& owner, const PluginCatalog& plugins, const Pipeline& pipeline,
              const BatchRow& batch, bool json) {
    if (auto console = makeConsole(plugins, json))
        owner.addSink({.name = "console", .batch_id = batch.batch_id}, std::move(console));
    std::filesystem::create_directories(
        owner.folder().batch(batch.batch_id));  // a sink may write there
    Redactor redactor;
    const ExpressionScope scope = batchScope(batch, pipeline, owner.folder(), redactor);
    int number = 0;
    for (const SinkUse& use : pipeline.sinks) {
        const PluginDescriptor& plugin = *plugins.find(PluginKind::sink, use.uses)->descriptor;
        Params params(resolveValues(use.with, scope, pipeline.file), pipeline.file.parent_path());
        owner.addSink({.name = batch.batch_id + "/" + use.uses + "#" + std::to_string(++number),
                       .batch_id = batch.batch_id,
                       .durable = plugin.durable},
                      plugin.make_sink(params));
    }
}

// Waits for the end; SIGINT cancels, SIGTERM leaves the batch for a later resume, a second signal
// ends at once.
BatchState waitForEnd(Owner& owner, const std::string& batch_id, const Signals& signals) {
    using Clock = std::chrono::steady_clock;
    bool asked = false;
    auto kill_at = Clock::time_point::max();
    while (true) {
        if (const auto state = owner.waitFor(batch_id, kPoll)) return *state;
        const int signal = signals.take();
        if (signal != 0 && asked) kill_at = Clock::now();
        if (signal == SIGINT && !asked) owner.cancel(batch_id);
        if (signal == SIGTERM && !asked) {
            owner.interruptAll();
            kill_at = Clock::now() + kGrace;
        }
        asked = asked || signal != 0;
        if (Clock::now() >= kill_at) owner.killAll();
    }
}

void deliverRest(Owner& owner) {
    if (owner.drainSinks(kSinkPatience)) return;
    std::cerr << "sheafline: a sink has not taken all events yet; the next owner of the data "
                 "folder delivers the rest\n";
}

int superviseToEnd(Owner& owner, const std::string& batch_id, const std::string& resumed_because,
                   const Signals& signals, bool json, StreamFront* front = nullptr) {
    owner.start(batch_id, resumed_because);
    const BatchState state = waitForEnd(owner, batch_id, signals);
    deliverRest(owner);
    if (front != nullptr) front->end();
    if (!json) showResults(owner.folder(), batch_id);
    return exitStatus(state);
}

OwnerOptions ownerOptions(const Settings& settings, const std::string& command) {
    return {.folder = DataFolder(settings.data_folder, settings.work_folder),
            .plugin_folders = settings.plugin_folders,
            .command = command,
            .log_level = settings.log_level,
            .batch_memory_bytes = settings.batch_memory_bytes};
}

}  // namespace

int runCommand(const RunOptions& options, const Settings& settings) {
    const Signals signals({SIGINT, SIGTERM});
    const PluginCatalog plugins(settings.plugin_folders);
    const Pipeline pipeline = loadPipeline(options.pipeline, plugins);
    const ParamValues params =
        resolveParams(pipeline, paramsOf(options), std::filesystem::current_path(), true);
    const std::string batch_id = newBatchId(options.batch_id);
    StderrLog log(logLevel(settings.log_level), "");
    for (const RefusedPlugin& plugin : plugins.refused()) log.warning(plugin.reason);
    ReaderPool readers(DataFolder(settings.data_folder, settings.work_folder).history());
    HistoryEvents events(readers);
    Owner owner(ownerOptions(settings, "run " + options.pipeline), plugins, log);
    std::unique_ptr<StreamFront> front;
    if (options.sse) {
        front = std::make_unique<StreamFront>(listenAddress(*options.sse), owner, readers, events,
                                              plugins, log);
    }

    Change create{.batch_id = batch_id,
                  .create = NewBatch{.pipeline = pipeline.name,
                                     .pipeline_file = pipeline.file,
                                     .pipeline_text = pipeline.text,
                                     .params = paramsJson(params),
                                     .state = BatchState::queued},
                  .events = {{.stage = "queued", .message = "Batch created"}}};
    BatchRow batch{.batch_id = batch_id, .params = create.create->params};
    addRedisSink(owner, plugins, settings, "");
    addSinks(owner, plugins, pipeline, batch, options.json);
    owner.history().commit(std::move(create));
    if (front)
        std::cerr << "stream: " << front->url() << "/api/batches/" << batch_id << "/stream\n";
    return superviseToEnd(owner, batch_id, "", signals, options.json, front.get());
}

int resumeCommand(const std::string& batch_id, bool json, const Settings& settings) {
    const Signals signals({SIGINT, SIGTERM});
    const PluginCatalog plugins(settings.plugin_folders);
    StderrLog log(logLevel(settings.log_level), "");
    const DataFolder folder(settings.data_folder, settings.work_folder);
    // A folder that is there must be usable; one that is not is no place to resume from.
    if (std::filesystem::exists(folder.data())) folder.prepare();
    HistoryReader history(folder.history());
    Owner owner(ownerOptions(settings, "resume " + batch_id), plugins, log);
    const auto batch = history.batch(batch_id);
    if (!batch) throw ConfigError("there is no batch '" + batch_id + "'; see: sheafline batches");
    const Pipeline pipeline = parsePipeline(batch->pipeline_text, batch->pipeline_file, plugins);
    addRedisSink(owner, plugins, settings, "");
    addSinks(owner, plugins, pipeline, *batch, json);
    if (isFinal(batch->state)) {
        // Its owner may have died between the last event and its delivery.
        deliverRest(owner);
        throw ConfigError("the batch '" + batch_id + "' is " + std::string(toString(batch->state)) +
                          " already");
    }
    const std::string why =
        batch->state == BatchState::interrupted ? "it was interrupted" : "its owner was lost";
    return superviseToEnd(owner, batch_id, why, signals, json);
}

int resumePlanCommand(const std::string& batch_id, const Settings& settings) {
    const PluginCatalog plugins(settings.plugin_folders);
    const DataFolder folder(settings.data_folder, settings.work_folder);
    HistoryReader history(folder.history());
    const auto batch = history.batch(batch_id);
    if (!batch) throw ConfigError("there is no batch '" + batch_id + "'; see: sheafline batches");
    std::vector<TableRow> rows{{"STAGE", "RESUME", "SHEETS", "WHY"}};
    const auto plan =
        planResume(*batch, history.stages(batch_id, batch->execution), plugins, folder);
    for (const StagePrognosis& stage : plan.stages) {
        rows.push_back({stage.stage_id, std::string(toString(stage.fate)),
                        std::to_string(stage.sheets), stage.why});
    }
    writeTable(std::cout, rows);
    return kDone;
}

namespace {

// Where the folder has an owner that takes batches, that one does it; else this process is it.
int restarted(const std::string& batch_id, const std::string& request, bool json,
              const Settings& settings) {
    const DataFolder folder(settings.data_folder, settings.work_folder);
    if (currentOwner(folder)) {
        askOwner(folder.controlSocket(), request);
        std::cerr << "the owner of the data folder goes on with " << batch_id << '\n';
        return kDone;
    }
    const Signals signals({SIGINT, SIGTERM});
    const PluginCatalog plugins(settings.plugin_folders);
    StderrLog log(logLevel(settings.log_level), "");
    HistoryReader history(folder.history());
    Owner owner(ownerOptions(settings, request), plugins, log);
    Change change = restartChange(history, request);
    const BatchRow batch = history.batch(batch_id).value();
    addRedisSink(owner, plugins, settings, "");
    addSinks(owner, plugins, parsePipeline(batch.pipeline_text, batch.pipeline_file, plugins),
             batch, json);
    owner.history().commit(std::move(change));
    return superviseToEnd(owner, batch_id, "", signals, json);
}

}  // namespace

int retryCommand(const std::string& batch_id, bool json, const Settings& settings) {
    return restarted(batch_id, retryRequest(batch_id), json, settings);
}

int sheetsFixCommand(const std::string& batch_id, const FixOptions& options, bool json,
                     const Settings& settings) {
    if (options.qr.has_value() == options.discard)
        throw ConfigError("sheets fix wants either --qr CODE or --discard");
    return restarted(batch_id, fixRequest(batch_id, {.sheet = options.sheet, .qr = options.qr}),
                     json, settings);
}

int cancelCommand(const std::string& batch_id, const Settings& settings) {
    const DataFolder folder(settings.data_folder, settings.work_folder);
    if (currentOwner(folder)) {
        askOwner(folder.controlSocket(), "cancel " + batch_id);
        std::cout << "cancelling " << batch_id << '\n';
        return kDone;
    }
    {
        HistoryReader history(folder.history());
        const auto batch = history.batch(batch_id);
        if (!batch)
            throw ConfigError("there is no batch '" + batch_id + "'; see: sheafline batches");
        if (isFinal(batch->state))
            throw ConfigError("the batch '" + batch_id + "' is " +
                              std::string(toString(batch->state)) + " already");
    }
    {
        const OwnerLock lock(folder, "cancel " + batch_id);
        History(folder.history(), lock.identity().id)
            .commit({.batch_id = batch_id, .state = BatchState::cancelling});
    }
    // Nobody runs it: what is owed, its `finally` stages and its last event, is done here.
    return resumeCommand(batch_id, false, settings) == kCancelled ? kDone : kBatchFailed;
}

}  // namespace sheafline
