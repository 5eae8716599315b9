#include "command_parts/own_batch.h"

#include <csignal>
#include <filesystem>
#include <iostream>
#include <utility>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>

#include "batch/batch_scope.h"
#include "client/batch_screen.h"
#include "command_parts/batch_results.h"
#include "command_parts/exit_status.h"
#include "streams/stream_front.h"

namespace sheafline {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kBatchPoll{100};
constexpr std::chrono::seconds kBatchGrace{30};
constexpr std::chrono::seconds kRunSinkPatience{5};

BatchState waitForEnd(Owner& owner, const std::string& batch_id, const Signals& signals) {
    using Clock = std::chrono::steady_clock;
    bool asked = false;
    auto kill_at = Clock::time_point::max();
    while (true) {
        if (const auto state = owner.waitFor(batch_id, kBatchPoll)) return *state;
        const int signal = signals.take();
        if (signal != 0 && asked) kill_at = Clock::now();
        if (signal == SIGINT && !asked) owner.cancel(batch_id);
        if (signal == SIGTERM && !asked) {
            owner.interruptAll();
            kill_at = Clock::now() + kBatchGrace;
        }
        asked = asked || signal != 0;
        if (Clock::now() >= kill_at) owner.killAll();
    }
}

}  // namespace

OwnerOptions ownerOptions(const Settings& settings, const std::string& command) {
    return {.folder = DataFolder(settings.data_folder, settings.work_folder, settings.file_group),
            .plugin_folders = settings.plugin_folders,
            .given_plugin_folders = settings.given_plugin_folders,
            .command = command,
            .log = settings.log,
            .batch_memory_bytes = settings.batch_memory_bytes,
            .set_aside_history = settings.set_aside_history};
}

void addSinks(Owner& owner, const PluginCatalog& plugins, const Pipeline& pipeline,
              const BatchRow& batch, bool json) {
    if (auto console = makeConsole(plugins, json))
        owner.addSink({.name = "console", .batch_id = batch.batch_id}, std::move(console));
    createFolders(owner.folder().batch(batch.batch_id));  // a sink may write there
    Redactor redactor;
    const ExpressionScope scope = batchScope(batch, pipeline, owner.folder(), redactor);
    int number = 0;
    for (const PipelineSink& use : pipeline.sinks) {
        const PluginEntry& plugin = *plugins.find(PluginKind::sink, use.uses);
        auto sink = owner.pluginSinks().make(plugin, resolveValues(use.with, scope, pipeline.file),
                                             pipeline.file.parent_path());
        owner.addSink({.name = batch.batch_id + "/" + use.uses + "#" + std::to_string(++number),
                       .batch_id = batch.batch_id,
                       .durable = plugin.descriptor->durable},
                      std::move(sink));
    }
}

void deliverRest(Owner& owner) {
    if (owner.drainSinks(kRunSinkPatience)) return;
    for (const SinkState& sink : owner.sinkStates()) {
        if (sink.lag == 0) continue;
        std::cerr << "sheafline: the sink " << sink.name << " has not received all events yet"
                  << (sink.error ? " (" + sink.error->message + ")" : "")
                  << "; if it is durable, the next owner of the data folder delivers the rest\n";
    }
}

std::int64_t claimBatch(Owner& owner, const std::string& batch_id) {
    if (owner.leases() == nullptr) return 0;
    if (const auto claimed = owner.leases()->claim(batch_id)) return claimed->epoch;
    throw Error(ErrorClass::permanent, "BATCH_RUNS",
                "a server runs the batch '" + batch_id +
                    "' now; follow it with: sheafline batches show " + batch_id);
}

int superviseToEnd(Owner& owner, const std::string& batch_id, const std::string& resumed_because,
                   std::int64_t epoch, const Signals& signals, bool json, StreamFront* front) {
    if (epoch != 0) owner.leases()->keep(batchLease(batch_id), epoch);
    owner.start(batch_id, resumed_because, epoch);
    const BatchState state = waitForEnd(owner, batch_id, signals);
    if (epoch != 0) owner.leases()->giveBack(batchLease(batch_id));
    deliverRest(owner);
    if (front != nullptr) front->end();
    if (!json) showResults(owner.folder(), batch_id);
    return exitStatus(state);
}

}  // namespace sheafline
