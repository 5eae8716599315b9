// `worker`: reads sheets of batches that other hosts run, until a signal stops it. After the first
// SIGTERM or SIGINT it takes no more sheets and finishes those that it has; the second stops it at
// once.
#include <algorithm>
#include <csignal>
#include <iostream>
#include <sstream>
#include <thread>

#include <sheafline/error.h>
#include <sheafline/shown_text.h>

#include "base/stderr_log.h"
#include "base/units.h"
#include "command_line/version_text.h"
#include "command_parts/exit_status.h"
#include "command_parts/signals.h"
#include "commands/commands.h"
#include "serving/service_notice.h"
#include "worker/worker_folder.h"
#include "worker/worker_host.h"

namespace sheafline {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kWorkerPoll{100};
constexpr std::chrono::seconds kWorkerGrace{30};

std::vector<std::string> names(const std::string& text) {
    std::vector<std::string> all;
    std::istringstream in(text);
    for (std::string name; std::getline(in, name, ',');) {
        if (!name.empty()) all.push_back(name);
    }
    return all;
}

WorkerHostOptions hostOptions(const WorkerOptions& options, const Settings& settings,
                              const std::filesystem::path& folder) {
    if (settings.redis.empty())
        throw ConfigError(
            "worker requires --redis URL, SHEAFLINE_REDIS or `redis` in the "
            "configuration file");
    const auto heartbeat = parseDuration(options.heartbeat);
    if (!heartbeat || *heartbeat < milliseconds(100))
        throw ConfigError("--heartbeat must be a time of at least 100ms, such as 5s, not '" +
                          options.heartbeat + "'");
    const auto cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    return {.redis = redis::parseRedisUrl(settings.redis),
            .concurrency = options.concurrency > 0 ? options.concurrency : cores,
            .processors = names(options.processors),
            .heartbeat = *heartbeat,
            .folder = folder,
            .program = SHEAFLINE_VERSION,
            .key_file = work::WorkKey::defaultFile(),
            .tls = settings.tls};
}

bool asksToStop(int signal) { return signal == SIGINT || signal == SIGTERM; }

}  // namespace

int workerCommand(const WorkerOptions& options, const Settings& settings) {
    const Signals signals({SIGINT, SIGTERM});
    StderrLog log(settings.serviceLog(), "worker");
    const PluginCatalog plugins(settings.plugin_folders);
    for (const RejectedPlugin& plugin : plugins.rejected()) log.warning(plugin.reason);
    const WorkerFolder folder(settings.work_folder);
    const WorkerHostOptions host_options = hostOptions(options, settings, folder.path());
    WorkerHost host(host_options, plugins, log);
    std::cout << "worker " << host.name() << " takes "
              << counted(static_cast<std::uint64_t>(host_options.concurrency), "sheet")
              << " at a time from " << host_options.redis.shown() << std::endl;
    const LogField name{"worker", host.name()};
    logEvent(log, LogLevel::info, versionText() + " worker started", std::span(&name, 1));
    notifyService("READY=1\nSTATUS=takes sheets from " + host_options.redis.shown());
    while (!asksToStop(signals.take(kWorkerPoll))) {
    }
    notifyService("STOPPING=1\nSTATUS=finishes the sheets that it has");
    host.drain();
    const auto deadline = Clock::now() + kWorkerGrace;
    while (!host.isDone() && Clock::now() < deadline) {
        if (asksToStop(signals.take(kWorkerPoll))) break;
    }
    return kDone;
}

}  // namespace sheafline
