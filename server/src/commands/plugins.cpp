// `validate`, `schema` and `plugins`: for the people who write pipelines and plugins.
#include <iostream>

#include <Poco/JSON/Object.h>

#include <sheafline/error.h>
#include <sheafline/sheets/load_template.h>

#include "api/description/event_schema.h"
#include "batches/batch_json.h"
#include "commands/commands.h"
#include "commands/exit_status.h"
#include "pipeline/pipeline_loader.h"
#include "pipeline/pipeline_schema.h"
#include "terminal/text_table.h"

namespace sheafline {

int validateCommand(const std::string& pipeline, bool json, const Settings& settings) {
    const PluginCatalog plugins(settings.plugin_folders);
    try {
        const Pipeline loaded = loadPipeline(pipeline, plugins);
        if (!json)
            std::cout << pipeline << ": sound: " << loaded.stages.size() << " stages, "
                      << loaded.params.size() << " params\n";
        return kDone;
    } catch (const ConfigError& error) {
        if (!json) throw;
        for (const Mistake& mistake : error.mistakes()) {
            Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
            object.set("file", mistake.file);
            object.set("line", mistake.line);
            object.set("column", mistake.column);
            object.set("key", mistake.key);
            object.set("message", mistake.message);
            std::cout << compactJson(object) << '\n';
        }
        return kBadUsage;
    }
}

int schemaCommand(const std::string& name, const Settings& settings) {
    if (name == "event") std::cout << eventSchema();
    if (name == "template") std::cout << sheets::templateSchema() << '\n';
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
        if (!json) continue;
        Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
        object.set("kind", rows.back()[0]);
        object.set("name", rows.back()[1]);
        object.set("version", rows.back()[2]);
        object.set("summary", rows.back()[3]);
        object.set("file", plugin.file.string());
        std::cout << compactJson(object) << '\n';
    }
    if (!json) writeTable(std::cout, rows);
    for (const RefusedPlugin& refused : plugins.refused())
        std::cerr << "refused: " << refused.reason << '\n';
    return kDone;
}

int pluginsShowCommand(const std::string& name, const Settings& settings) {
    const PluginCatalog plugins(settings.plugin_folders);
    bool found = false;
    for (const PluginEntry& plugin : plugins.plugins()) {
        if (plugin.descriptor->name != name) continue;
        found = true;
        std::cout << toString(plugin.descriptor->kind) << ' ' << name << ' '
                  << plugin.descriptor->version << ": " << plugin.descriptor->summary << "\n\n"
                  << paramsText(plugin);
    }
    if (!found) throw ConfigError("there is no plugin '" + name + "'; see: sheafline plugins list");
    return kDone;
}

int pluginsDoctorCommand(const std::string& file) {
    const PluginDiagnosis diagnosis = diagnosePlugin(file);
    for (const std::string& finding : diagnosis.findings) std::cerr << finding << '\n';
    if (!diagnosis.plugin) return kBatchFailed;
    const PluginDescriptor& plugin = *diagnosis.plugin->descriptor;
    std::cout << file << ": sound: " << toString(plugin.kind) << ' ' << plugin.name << ' '
              << plugin.version << '\n';
    return kDone;
}

}  // namespace sheafline
