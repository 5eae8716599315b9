// `plugin new`: a folder with the code, the test, the build and the README of a new plugin. The
// files are those of testing/new_plugin, with the names replaced. The folder appears as a whole.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <iostream>
#include <new_plugin_files.h>  // made by the build
#include <string>
#include <string_view>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>

#include "command_parts/exit_status.h"
#include "command_parts/output_folder.h"
#include "commands/commands.h"
#include "plugins/plugin_catalog.h"

namespace sheafline {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestName = 40;

void requireName(const std::string& name, const PluginCatalog& plugins) {
    const bool valid =
        !name.empty() && name.size() <= kLongestName && std::islower(name.front()) != 0 &&
        std::ranges::all_of(name, [](unsigned char letter) {
            return std::islower(letter) != 0 || std::isdigit(letter) != 0 || letter == '_';
        });
    if (!valid)
        throw ConfigError("'" + name + "' is not a name for a plugin; use at most " +
                          std::to_string(kLongestName) +
                          " lowercase letters, digits and _, and begin with a letter");
    const bool taken = std::ranges::any_of(plugins.plugins(), [&](const PluginEntry& entry) {
        return entry.descriptor->name == name;
    });
    if (taken) throw ConfigError("there is a plugin '" + name + "' already; choose another name");
}

// list_sheets: ListSheets
std::string className(std::string_view name) {
    std::string text;
    bool upper = true;
    for (const char letter : name) {
        if (letter != '_')
            text += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(letter)))
                          : letter;
        upper = letter == '_';
    }
    return text;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != std::string::npos;
         at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

std::string upperCase(std::string text) {
    std::ranges::transform(text, text.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

void writeFile(const fs::path& path, std::string_view text) {
    DurableFile file(path);
    file.write(text);
    file.publish();
}

// Whether the file belongs to this kind of plugin; those of the folder itself belong to all in C++.
bool belongs(std::string_view file, std::string_view kind) {
    const auto slash = file.find('/');
    if (slash == std::string_view::npos) return kind != "python";
    return file.substr(0, slash) == kind;
}

void writeFiles(const fs::path& folder, const NewPluginOptions& options, std::string_view kind) {
    for (const NewPluginFile& file : kNewPluginFiles) {
        if (!belongs(file.name, kind)) continue;
        const auto named = [&](std::string_view text) {
            std::string own = replaced(std::string(text), "plugin_name", options.name);
            own = replaced(std::move(own), "PluginName", className(options.name));
            own = replaced(std::move(own), "PLUGIN_NAME", upperCase(options.name));
            return replaced(std::move(own), "plugin_kind", options.kind);
        };
        const std::string_view name = file.name.substr(file.name.find('/') + 1);
        writeFile(folder / named(name), named(file.text));
    }
}

}  // namespace

int pluginNewCommand(const NewPluginOptions& options, const Settings& settings) {
    if (options.kind.empty())
        throw ConfigError("the kind of the plugin is missing; give --stage, --sink or --processor");
    const bool python = options.language == "python";
    if (python && options.kind != "processor")
        throw ConfigError("a " + options.kind +
                          " is written in C++; only a processor may be in Python. The stage `exec` "
                          "runs a program in any language as a stage");
    requireName(options.name, PluginCatalog(settings.plugin_folders));
    const fs::path folder = fs::absolute(options.out.empty() ? options.name : options.out);
    if (fs::exists(fs::symlink_status(folder)))
        throw ConfigError(folder.string() + " exists; name another folder with --out");
    requireFolderOf(folder);
    const fs::path unfinished =
        folder.parent_path() / ("." + folder.filename().string() + ".unfinished");
    fs::remove_all(unfinished);  // of a command that was killed
    createFolders(unfinished);
    writeFiles(unfinished, options, python ? "python" : options.kind);
    fs::rename(unfinished, folder);
    syncFolder(folder.parent_path());
    std::cout << "Wrote " << folder.string() << "; its README.md says how to "
              << (python ? "test" : "build, test") << " and run it\n";
    return kDone;
}

}  // namespace sheafline
