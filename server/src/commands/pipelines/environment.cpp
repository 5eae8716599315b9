// `validate --environment`: whether a batch could run here and now. It asks for the secrets, lets
// every stage check what its run depends on (templates, programs, databases, rights), and connects
// to Redis. Nothing is written to the data folder.
#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <functional>
#include <iostream>
#include <span>
#include <system_error>
#include <unistd.h>
#include <vector>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>
#include <sheafline/json_writer.h>
#include <sheafline/redis/connection.h>
#include <sheafline/redis/redis_url.h>
#include <sheafline/shown_text.h>
#include <sheafline/stage.h>

#include "batch/batch_scope.h"
#include "batch/lease/shared_database.h"
#include "command_parts/exit_status.h"
#include "command_parts/scratch_folder.h"
#include "commands/commands.h"
#include "commands/pipelines/chosen_pipeline.h"
#include "pipeline/pipeline_loader.h"
#include "pipeline/required_secrets.h"

namespace sheafline {

namespace {

constexpr const char* kBatch = "environment";

// Prints one line for each check, or one JSON object, and counts those that failed.
class Report {
 public:
    Report(const Redactor& redactor, bool json) : redactor_(redactor), json_(json) {}

    void check(const std::string& what, const std::function<void()>& run) {
        try {
            run();
            print("ok", what);
        } catch (const Error& error) {
            fail(what, error.code() + ": " + error.what());
        } catch (const std::exception& error) {
            fail(what, error.what());
        }
    }
    void fail(const std::string& what, const std::string& why) {
        print("error", what, redactor_.masked(why));
        ++failed_;
    }
    void print(std::string_view state, std::string_view what, std::string_view why = "") const {
        if (json_) {
            JsonWriter json;
            json.beginObject().text("state", state).text("check", what);
            if (!why.empty()) json.text("reason", why);
            std::cout << json.endObject().take() << '\n';
            return;
        }
        std::cout << state << ": " << what << (why.empty() ? "" : ": ") << why << '\n';
    }
    std::uint64_t failed() const { return failed_; }

 private:
    const Redactor& redactor_;
    const bool json_;
    std::uint64_t failed_ = 0;
};

void checkSecrets(Report& report, const Pipeline& pipeline, const ExpressionScope& scope) {
    const auto missing = missingSecrets(pipeline, scope);
    for (const MissingSecret& secret : missing) report.fail("secret", toString(secret.place));
    if (missing.empty()) report.print("ok", "secrets");
}

bool usesOtherStages(const RawValues& values) {
    const auto names = [](const std::string& text) {
        return text.find("stages.") != std::string::npos;
    };
    return std::ranges::any_of(values, [&](const auto& named) {
        return names(named.second.value.text) ||
               std::ranges::any_of(named.second.value.list, names);
    });
}

void requireReadableFile(const std::filesystem::path& file) {
    if (::access(file.c_str(), R_OK) != 0) throwSystemError(errno, "cannot read " + file.string());
    if (std::filesystem::is_directory(file))
        throw ConfigError(file.string() + " is a folder; name a file");
}

// The files that a stage and its processor read: a wrong name is found before the first sheet.
void requireFiles(const ParamValues& values, const PluginEntry& plugin,
                  const PluginCatalog& plugins, const std::filesystem::path& base) {
    std::vector<ParamSpec> specs = plugin.params;
    if (const auto name = values.find("processor"); name != values.end()) {
        const PluginEntry* processor = plugins.find(PluginKind::processor, name->second.text);
        if (processor != nullptr)
            specs.insert(specs.end(), processor->params.begin(), processor->params.end());
    }
    for (const ParamSpec& spec : specs) {
        const auto value = values.find(spec.name);
        if (spec.type == ParamType::path && value != values.end() && !value->second.text.empty())
            requireReadableFile(base / value->second.text);
    }
}

// `shared`: the folders that no database may be in; empty if one server has the history.
void checkStage(Report& report, const Pipeline& pipeline, const PipelineStage& stage,
                const PluginCatalog& plugins, const ExpressionScope& scope,
                std::span<const std::filesystem::path> shared) {
    const std::string what = "stage " + stage.id + " (" + stage.uses + ")";
    if (!stage.condition.empty() || usesOtherStages(stage.with)) {
        report.print("skipped", what, "it depends on what other stages do");
        return;
    }
    report.check(what, [&] {
        const PluginEntry& plugin = *plugins.find(PluginKind::stage, stage.uses);
        const ParamValues values = resolveValues(stage.with, scope, pipeline.file);
        requireNoDatabaseIn(shared, values);
        requireFiles(values, plugin, plugins, pipeline.file.parent_path());
        Params params(values, pipeline.file.parent_path());
        plugin.descriptor->make_stage(params)->preflight({});
    });
}

// The nearest folder that exists must be writable, because the rest is made.
void requireWritable(std::filesystem::path folder) {
    folder = std::filesystem::absolute(folder);
    while (!std::filesystem::exists(folder) && folder.has_parent_path()) {
        if (folder == folder.parent_path()) break;
        folder = folder.parent_path();
    }
    if (::access(folder.c_str(), W_OK | X_OK) != 0)
        throwSystemError(errno, "cannot write to " + folder.string());
}

}  // namespace

int environmentCommand(const EnvironmentOptions& options, const Settings& settings) {
    const ChosenPipeline chosen(options, settings);
    const Pipeline& pipeline = chosen.pipeline;
    const ParamValues& params = chosen.params;
    // A batch has its own folder, in which a stage may open a database to check it.
    const ScratchFolder scratch("sheafline-check-");
    const DataFolder batches(scratch.path());
    createFolders(batches.batch(kBatch));
    Redactor redactor;
    const ExpressionScope scope = batchScope(kBatch, params, pipeline, batches, redactor);
    Report report(redactor, options.json);
    checkSecrets(report, pipeline, scope);
    for (const ParamSpec& spec : pipeline.params) {
        const auto value = params.find(spec.name);
        if (spec.type != ParamType::path || value == params.end() || value->second.text.empty())
            continue;
        report.check("file " + spec.name, [&] { requireReadableFile(value->second.text); });
    }
    std::vector<std::filesystem::path> shared;
    const DataFolder folder(settings.data_folder, settings.work_folder);
    if (!folder.history().url.empty())
        shared = {scratch.path(), folder.store(), folder.data(), folder.work("").parent_path()};
    for (const PipelineStage& stage : pipeline.stages)
        checkStage(report, pipeline, stage, chosen.plugins, scope, shared);
    report.check("data folder " + settings.data_folder.string(),
                 [&] { requireWritable(settings.data_folder); });
    if (folder.hasSharedStore())
        report.check("store " + folder.store().string(), [&] { requireWritable(folder.store()); });
    if (!settings.redis.empty()) {
        const auto url = redis::parseRedisUrl(settings.redis);
        report.check("Redis " + url.shown(),
                     [&] { redis::Connection({.url = url, .name = "sheafline-check"}).connect(); });
    }
    if (report.failed() == 0) return kDone;
    std::cerr << pipeline.name << ": " << counted(report.failed(), "check") << " failed\n";
    return kBadUsage;
}

}  // namespace sheafline
