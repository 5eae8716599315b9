// `run`: one new batch, owned by this process until the batch ends or a signal stops it.
#include <algorithm>
#include <cctype>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <unistd.h>

#include <Poco/UUIDGenerator.h>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>

#include "base/stderr_log.h"
#include "batch/batch_params.h"
#include "batch/batch_plan.h"
#include "batch/batch_scope.h"
#include "batch/params/param_files.h"
#include "batches/batch_title.h"
#include "batches/pipeline_shelf.h"
#include "batches/sinks/redis_feed.h"
#include "command_parts/given_params.h"
#include "command_parts/installed_pipeline.h"
#include "command_parts/own_batch.h"
#include "command_parts/packed_input.h"
#include "command_parts/plugin_path.h"
#include "commands/commands.h"
#include "pipeline/required_secrets.h"
#include "streams/history_events.h"
#include "streams/stream_front.h"

namespace sheafline {

namespace {

// Several files become the archive of the batch itself, so that `resume` finds them.
std::map<std::string, std::string> paramsOf(const RunOptions& options,
                                            const std::filesystem::path& archive) {
    auto given = givenParams(options.set);
    const std::string input = options.input.size() == 1 ? options.input.front() : archive.string();
    if (!options.input.empty() && !given.emplace("input", input).second)
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

BatchTitle titleOf(const RunOptions& options, const ParamValues& params,
                   const std::optional<PackedInput>& packed) {
    BatchTitle title{.labels = labelsOf(options.labels)};
    if (packed)
        title.file_name = packed->name();
    else if (const auto input = params.find("input"); input != params.end())
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
    const std::string batch_id = newBatchId(options.batch_id);
    const DataFolder folder(settings.data_folder, settings.work_folder);
    const std::filesystem::path archive = folder.batch(batch_id) / "archive.zip";
    std::optional<PackedInput> packed;
    if (options.input.size() > 1)
        packed.emplace(
            std::vector<std::filesystem::path>(options.input.begin(), options.input.end()));
    auto given = paramsOf(options, archive);
    const ParamFiles files = readParamFiles(pipeline, given, std::filesystem::current_path());
    giveFiles(pipeline, given, files);
    const ParamValues params =
        resolveParams(pipeline, given, std::filesystem::current_path(), true);
    if (!packed) requireInput(pipeline, params);
    const BatchTitle title = titleOf(options, params, packed);
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
                                     .labels = labelsJson(title.labels),
                                     .with_lease = true},
                  .plan = planOf(pipeline, plugins),
                  .events = {{.stage = "queued", .message = "Batch created"}}};
    requireNewBatch(owner.folder(), batch_id);
    if (packed) {
        createFolders(archive.parent_path());
        packed->writeTo(archive);
    }
    storeParamFiles(owner.folder(), batch_id, files, FilesFrom::this_machine);
    try {
        addRedisSink(owner, plugins, settings);
        addSinks(owner, plugins, pipeline, batch, options.json);
        owner.history().commit(std::move(create));
    } catch (...) {
        forgetParamFiles(owner.folder(), batch_id);
        throw;
    }
    rememberPluginPath(folder, batch_id, settings);
    if (front)
        std::cerr << "stream: " << front->url() << "/api/batches/" << batch_id << "/stream\n";
    return superviseToEnd(owner, batch_id, "", owner.leases() == nullptr ? 0 : kFirstEpoch, signals,
                          options.json, front.get());
}

}  // namespace sheafline
