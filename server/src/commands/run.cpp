// `run`: one new batch, owned by this process until the batch ends or a signal stops it.
#include <algorithm>
#include <cctype>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <unistd.h>

#include <Poco/UUIDGenerator.h>

#include <sheafline/error.h>

#include "base/stderr_log.h"
#include "batch/batch_params.h"
#include "batch/batch_plan.h"
#include "batch/batch_scope.h"
#include "batches/batch_title.h"
#include "batches/pipeline_shelf.h"
#include "command_parts/given_params.h"
#include "command_parts/installed_pipeline.h"
#include "command_parts/own_batch.h"
#include "command_parts/plugin_path.h"
#include "commands/commands.h"
#include "neighbours/redis_feed.h"
#include "pipeline/required_secrets.h"
#include "streams/history_events.h"
#include "streams/stream_front.h"

namespace sheafline {

namespace {

std::map<std::string, std::string> paramsOf(const RunOptions& options) {
    auto given = givenParams(options.set);
    if (options.input && !given.emplace("input", *options.input).second)
        throw ConfigError("--input and --set input=... exclude each other; give one of them");
    return given;
}

std::string newBatchId(const std::optional<std::string>& wanted) {
    if (!wanted) return Poco::UUIDGenerator::defaultGenerator().createRandom().toString();
    const auto plain = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_'; };
    const bool valid = !wanted->empty() && wanted->size() <= 64 &&
                       std::isalnum(static_cast<unsigned char>(wanted->front())) != 0 &&
                       std::all_of(wanted->begin(), wanted->end(), plain);
    if (valid) return *wanted;
    throw ConfigError("--batch-id '" + *wanted +
                      "' is invalid: use up to 64 letters, digits, '-' and '_', and begin with a "
                      "letter or digit");
}

// The archive must be a file that this user can read, before anything is stored.
void requireInput(const Pipeline& pipeline, const ParamValues& params) {
    const ParamSpec* spec = uploadParam(pipeline);
    const auto value = params.find("input");
    if (spec == nullptr || value == params.end() || value->second.text.empty()) return;
    const std::filesystem::path file = value->second.text;
    std::error_code error;
    const auto status = std::filesystem::status(file, error);
    std::string reason;
    if (!std::filesystem::exists(status))
        reason = "no such file";
    else if (std::filesystem::is_directory(status))
        reason = "it is a folder; name the archive";
    else if (::access(file.c_str(), R_OK) != 0)
        reason = "this user cannot read it";
    if (!reason.empty()) throw ConfigError("--input " + file.string() + ": " + reason);
}

BatchTitle titleOf(const RunOptions& options, const ParamValues& params) {
    BatchTitle title{.labels = labelsOf(options.labels)};
    if (const auto input = params.find("input"); input != params.end())
        title.file_name = fileNameOf(input->second.text);
    if (options.name) {
        if (const auto problem = problemOfName(*options.name))
            throw ConfigError("--name: " + *problem);
        title.name = *options.name;
    }
    return title;
}

}  // namespace

int runCommand(const RunOptions& options, const Settings& settings) {
    const Signals signals({SIGINT, SIGTERM});
    const PluginCatalog plugins(settings.plugin_folders);
    const Pipeline pipeline = namedPipeline(options.pipeline, plugins, settings);
    const ParamValues params =
        resolveParams(pipeline, paramsOf(options), std::filesystem::current_path(), true);
    requireInput(pipeline, params);
    const std::string batch_id = newBatchId(options.batch_id);
    const BatchTitle title = titleOf(options, params);
    const DataFolder folder(settings.data_folder, settings.work_folder);
    Redactor redactor;
    requireSecrets(pipeline, batchScope(batch_id, params, pipeline, folder, redactor));
    StderrLog log(settings.log, "");
    for (const RejectedPlugin& plugin : plugins.rejected()) log.warning(plugin.reason);
    ReaderPool readers(folder.history());
    HistoryEvents events(readers);
    Owner owner(ownerOptions(settings, "run " + options.pipeline), plugins, log);
    std::unique_ptr<StreamFront> front;
    if (options.sse) {
        front = std::make_unique<StreamFront>(listenAddress(*options.sse), owner, readers, events,
                                              plugins, log);
    }

    const BatchRow batch{.batch_id = batch_id,
                         .params = storedParams(owner.folder(), batch_id, params)};
    Change create{.batch_id = batch_id,
                  .create = NewBatch{.pipeline = pipeline.name,
                                     .pipeline_file = pipeline.file,
                                     .pipeline_text = pipeline.text,
                                     .params = batch.params,
                                     .state = BatchState::queued,
                                     .name = nameOf(title),
                                     .file_name = title.file_name,
                                     .labels = labelsJson(title.labels)},
                  .plan = planOf(pipeline, plugins),
                  .events = {{.stage = "queued", .message = "Batch created"}}};
    addRedisSink(owner, plugins, settings, "");
    addSinks(owner, plugins, pipeline, batch, options.json);
    owner.history().commit(std::move(create));
    rememberPluginPath(folder, batch_id, settings);
    if (front)
        std::cerr << "stream: " << front->url() << "/api/batches/" << batch_id << "/stream\n";
    return superviseToEnd(owner, batch_id, "", signals, options.json, front.get());
}

}  // namespace sheafline
