// `validate`, `schema` and `plugins`: for people who write pipelines and plugins.
#include <iostream>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <sheafline/error.h>
#include <sheafline/sheets/load_template.h>
#include <sheafline/shown_text.h>

#include "api/description/event_schema.h"
#include "api/description/param_json.h"
#include "base/did_you_mean.h"
#include "batches/batch_json.h"
#include "command_parts/exit_status.h"
#include "command_parts/installed_pipeline.h"
#include "commands/commands.h"
#include "commands/pipelines/batch_plan.h"
#include "pipeline/pipeline_loader.h"
#include "pipeline/pipeline_schema.h"
#include "terminal/text_table.h"

namespace sheafline {

namespace {

Poco::JSON::Object pluginJson(const PluginEntry& plugin) {
    const PluginDescriptor& d = *plugin.descriptor;
    Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("kind", std::string(toString(d.kind)));
    object.set("name", std::string(d.name));
    object.set("version", std::string(d.version));
    object.set("summary", std::string(d.summary));
    object.set("file", plugin.file.string());
    return object;
}

Poco::JSON::Array paramsJsonOf(const PluginEntry& plugin) {
    Poco::JSON::Array params;
    for (const ParamSpec& spec : plugin.params) {
        params.add(paramJson(spec));
    }
    return params;
}

}  // namespace

int validateCommand(const std::string& pipeline, bool json, const Settings& settings) {
    const PluginCatalog plugins(settings.plugin_folders);
    try {
        const Pipeline loaded = namedPipeline(pipeline, plugins, settings);
        if (!json)
            std::cout << pipeline << ": valid (" << counted(loaded.stages.size(), "stage") << ", "
                      << counted(loaded.params.size(), "param") << ")\n";
        return kDone;
    } catch (const ConfigError& error) {
        if (!json) throw;
        for (const Finding& finding : error.findings()) {
            Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
            object.set("file", finding.file);
            object.set("line", finding.line);
            object.set("column", finding.column);
            object.set("key", finding.key);
            object.set("message", finding.message);
            std::cout << compactJson(object) << '\n';
        }
        return kBadUsage;
    }
}

int schemaCommand(const std::string& name, const Settings& settings) {
    if (name == "event") std::cout << eventSchema();
    if (name == "template") std::cout << sheets::templateSchema() << '\n';
    if (name == "key") std::cout << sheets::scoringKeySchema() << '\n';
    if (name == "plan") std::cout << planSchema();
    if (name == "pipeline")
        std::cout << pipelineSchema(PluginCatalog(settings.plugin_folders)) << '\n';
    return kDone;
}

int pluginsListCommand(bool json, const Settings& settings) {
    const PluginCatalog plugins(settings.plugin_folders);
    std::vector<TableRow> rows{{"KIND", "NAME", "VERSION", "SUMMARY"}};
    for (const PluginEntry& plugin : plugins.plugins()) {
        const PluginDescriptor& d = *plugin.descriptor;
        rows.push_back({std::string(toString(d.kind)), std::string(d.name), std::string(d.version),
                        std::string(d.summary)});
        if (json) std::cout << compactJson(pluginJson(plugin)) << '\n';
    }
    if (!json) writeTable(std::cout, rows);
    for (const RejectedPlugin& rejected : plugins.rejected())
        std::cerr << "rejected: " << shownText(rejected.reason) << '\n';
    return kDone;
}

int pluginsShowCommand(const std::string& name, bool json, const Settings& settings) {
    const PluginCatalog plugins(settings.plugin_folders);
    std::vector<std::string> known;
    bool found = false;
    for (const PluginEntry& plugin : plugins.plugins()) {
        known.emplace_back(plugin.descriptor->name);
        if (known.back() != name) continue;
        found = true;
        if (json) {
            Poco::JSON::Object object = pluginJson(plugin);
            object.set("params", paramsJsonOf(plugin));
            std::cout << compactJson(object) << '\n';
            continue;
        }
        std::cout << toString(plugin.descriptor->kind) << ' ' << name << ' '
                  << plugin.descriptor->version << ": " << plugin.descriptor->summary << "\n\n"
                  << paramsText(plugin);
    }
    if (!found) throw ConfigError("there is no plugin '" + name + "'; " + didYouMean(name, known));
    return kDone;
}

int pluginsDoctorCommand(const std::string& file) {
    const PluginCheck check = checkPlugin(file);
    for (const std::string& finding : check.findings) std::cerr << finding << '\n';
    if (!check.plugin) return kBatchFailed;
    const PluginDescriptor& plugin = *check.plugin->descriptor;
    std::cout << file << ": valid: " << toString(plugin.kind) << ' ' << plugin.name << ' '
              << plugin.version << '\n';
    return kDone;
}

}  // namespace sheafline
