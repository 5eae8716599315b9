// `serve`: the server until a signal ends it.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <unistd.h>
#include <vector>

#include <sheafline/error.h>

#include "base/did_you_mean.h"
#include "base/stderr_log.h"
#include "command_line/version_text.h"
#include "command_parts/exit_status.h"
#include "command_parts/signals.h"
#include "commands/commands.h"
#include "replay/replay_folder.h"
#include "serving/server.h"
#include "serving/service_notice.h"

namespace sheafline {

namespace {

constexpr std::chrono::milliseconds kServePatience{500};

// The loaded settings stay in use when the file has an error now.
void reload(Server& server, const std::function<Settings()>& read, Log& log) {
    notifyService(reloadNotice());
    try {
        server.reload(read().serve);
    } catch (const std::exception& error) {
        log.error(std::string("the configuration is not changed: ") + error.what());
    }
    notifyService("READY=1");
}

void logStart(Log& log, const Settings& settings, const Server& server) {
    const std::vector<LogField> fields{
        {"version", versionText()},
        {"pid", std::to_string(::getpid())},
        {"url", server.url()},
        {"data_folder", std::filesystem::absolute(settings.data_folder).string()}};
    logEvent(log, LogLevel::info, "server started", fields);
}

// A name that is misspelled would silently leave out the sinks of all pipelines.
void requireSinks(const Settings& settings) {
    const PluginCatalog plugins(settings.plugin_folders);
    std::vector<std::string> known;
    for (const PluginEntry& plugin : plugins.plugins()) {
        if (plugin.descriptor->kind == PluginKind::sink)
            known.emplace_back(plugin.descriptor->name);
    }
    for (const std::string& name : settings.serve.pipeline_sinks) {
        if (std::ranges::find(known, name) == known.end())
            throw ConfigError("pipeline-sinks: there is no sink '" + name + "'; " +
                              didYouMean(name, known));
    }
}

void requireReplay(const ReplayOrder& replay) {
    constexpr double kFastest = 10'000;
    if (!(replay.speed > 0) || replay.speed > kFastest)
        throw ConfigError("--speed must be above 0 and at most 10000; 1 is the speed of the batch");
    if (replay.batch_id.empty() && replay.speed != ReplayOrder{}.speed)
        throw ConfigError("--speed requires --replay BATCH");
}

}  // namespace

int serveCommand(const std::function<Settings()>& read, const ReplayOrder& replay,
                 const Settings& given) {
    requireReplay(replay);
    const Signals signals({SIGINT, SIGTERM, SIGHUP});
    StderrLog log(given.serviceLog(), "");
    requireSinks(given);
    std::optional<ReplayFolder> folder;
    if (!replay.batch_id.empty()) folder.emplace(given, replay.batch_id);
    const Settings settings = folder ? folder->settings() : given;
    Server server(settings, log, replay);
    if (const auto& password = server.firstPassword()) {
        std::cout << "first start: sign in as 'admin' with the password " << *password
                  << "\nIt is not shown again; change it with: sheafline user passwd admin\n";
    }
    std::cout << "listening on " << server.url() << std::endl;
    logStart(log, settings, server);
    notifyService("READY=1\nSTATUS=listening on " + server.url());
    int signal = 0;
    while (signal != SIGINT && signal != SIGTERM) {
        signal = signals.take(kServePatience);
        if (signal == SIGHUP) reload(server, read, log);
    }
    notifyService("STOPPING=1\nSTATUS=stops: batches stop at a checkpoint");
    const std::string name = signal == SIGINT ? "SIGINT" : "SIGTERM";
    log.info("server stops because of " + name);
    server.stop([&] {
        const int again = signals.take();
        return again == SIGINT || again == SIGTERM;
    });
    log.info("server stopped");
    return kDone;
}

}  // namespace sheafline
