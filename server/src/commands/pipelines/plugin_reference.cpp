// `plugins reference`: a page of Markdown for each plugin, made from its descriptor and its params.
// docs/reference/plugins is what it writes for the shipped plugins; a test compares them.
#include <filesystem>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>

#include <sheafline/durable_file.h>

#include "command_parts/exit_status.h"
#include "commands/commands.h"
#include "plugins/plugin_catalog.h"

namespace sheafline {

namespace {

// Inside a cell of a table.
std::string cell(std::string_view text) {
    std::string shown;
    for (const char letter : text) {
        if (letter == '|') shown += '\\';
        shown += letter == '\n' ? ' ' : letter;
    }
    return shown;
}

std::string code(const std::string& text) { return text.empty() ? "" : "`" + text + "`"; }

std::string limitsOf(const ParamSpec& spec) {
    std::string text;
    const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
    const bool counts = spec.type == ParamType::list;
    if (!spec.min.empty()) add((counts ? "at least " : "from ") + code(spec.min));
    if (!spec.max.empty()) add((counts ? "at most " : "to ") + code(spec.max));
    if (!spec.pattern.empty()) add("matches " + code(spec.pattern));
    for (const std::string& choice : spec.choices) add(code(choice));
    if (spec.scope == ParamScope::operator_only)
        add("not from params that users can set over HTTP");
    return text;
}

std::string traitsOf(const PluginDescriptor& plugin) {
    std::string text;
    const auto add = [&](const std::string& line) { text += "- " + line + "\n"; };
    switch (plugin.kind) {
        case PluginKind::stage:
            add("Its events have the `stage` value " + code(std::string(plugin.stage.text())) +
                ".");
            if (plugin.restart == Restart::from_scratch)
                add("After a crash it starts from the beginning, in an empty folder.");
            if (plugin.restart == Restart::from_item)
                add("After a crash it does the sheets that are not done.");
            if (plugin.restart == Restart::from_checkpoint)
                add("After a crash it continues from its last checkpoint.");
            if (plugin.reads_sheets) add("It reads sheets: a retry of it reads them again.");
            if (plugin.groups_sheets) add("It sets the codes and groups of sheets.");
            if (plugin.rows_only) add("It needs readings and rows, and no file of a sheet.");
            break;
        case PluginKind::sink:
            add(plugin.durable ? "It is durable: after a failure it continues at its last position."
                               : "It is live: after a restart it begins with the newest event.");
            break;
        case PluginKind::processor:
            add(plugin.confined ? "It is confined: it reads the file of its sheet and nothing else."
                                : "It is not confined: it has the rights of Sheafline's user.");
            break;
    }
    return text;
}

// How a pipeline uses it, with the options that it requires.
std::string useOf(const PluginEntry& plugin) {
    const std::string name(plugin.descriptor->name);
    std::string options;
    for (const ParamSpec& spec : plugin.params) {
        if (spec.required)
            options += ", " + spec.name + (spec.type == ParamType::list ? ": […]" : ": …");
    }
    switch (plugin.descriptor->kind) {
        case PluginKind::processor:
            return "- {id: process, uses: dispatch, with: {processor: " + name + options + "}}";
        case PluginKind::sink:
            return "- {uses: " + name +
                   (options.empty() ? "}" : ", with: {" + options.substr(2) + "}}");
        case PluginKind::stage:
            break;
    }
    return "- {id: " + name + ", uses: " + name +
           (options.empty() ? "}" : ", with: {" + options.substr(2) + "}}");
}

std::string pageOf(const PluginEntry& plugin) {
    const PluginDescriptor& d = *plugin.descriptor;
    std::ostringstream page;
    page << "# The " << toString(d.kind) << " " << d.name << "\n\n"
         << "Version " << d.version << ": " << d.summary << ".\n\n"
         << "```\n"
         << useOf(plugin) << "\n```\n\n"
         << traitsOf(d) << '\n';
    if (plugin.params.empty()) {
        page << "It has no options.\n";
    } else {
        page << "| option | type | default | values | what it is |\n|---|---|---|---|---|\n";
        for (const ParamSpec& spec : plugin.params) {
            page << "| `" << spec.name << "` | " << toString(spec.type) << " | "
                 << (spec.required ? "required" : cell(code(spec.default_value.value_or(""))))
                 << " | " << cell(limitsOf(spec)) << " | " << cell(spec.help) << " |\n";
        }
    }
    page << "\n`sheafline plugins reference` writes this page.\n";
    return page.str();
}

}  // namespace

int pluginsReferenceCommand(const std::string& out, const Settings& settings) {
    const PluginCatalog plugins(settings.plugin_folders);
    createFolders(out);
    for (const PluginEntry& plugin : plugins.plugins()) {
        const std::string name = std::string(toString(plugin.descriptor->kind)) + "-" +
                                 std::string(plugin.descriptor->name) + ".md";
        DurableFile file(std::filesystem::path(out) / name);
        file.write(pageOf(plugin));
        file.publish();
    }
    std::cout << "wrote " << plugins.plugins().size() << " pages to " << out << '\n';
    return kDone;
}

}  // namespace sheafline
