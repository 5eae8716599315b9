// `init`: a folder to start from: a copy of an installed pipeline with the files that it names, and
// the schema for editors. Existing files are never replaced.
#include <filesystem>
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>

#include "base/file_digest.h"
#include "command_parts/exit_status.h"
#include "command_parts/installed_pipeline.h"
#include "commands/commands.h"
#include "pipeline/pipeline_loader.h"
#include "pipeline/pipeline_schema.h"

namespace sheafline {

namespace {

namespace fs = std::filesystem;

constexpr const char* kSchemaFile = "pipeline.schema.json";
constexpr std::uintmax_t kMostBytes = 8U << 20U;

struct StarterFile {
    fs::path name;  // in the new folder
    std::string text;
};

// Files beside the pipeline that its text, or the text of such a file, names.
void addNamedFiles(const fs::path& folder, const std::string& text, std::set<fs::path>& taken,
                   std::vector<StarterFile>& files) {
    std::vector<StarterFile> found;
    for (const auto& item : fs::recursive_directory_iterator(folder)) {
        const fs::path name = item.path().lexically_relative(folder);
        if (!item.is_regular_file() || !name.has_parent_path() || taken.contains(name)) continue;
        if (text.find(name.filename().string()) == std::string::npos) continue;
        if (item.file_size() > kMostBytes) continue;
        taken.insert(name);
        found.push_back({.name = name, .text = fileText(item.path())});
    }
    for (StarterFile& file : found) {
        const std::string content = file.text;
        files.push_back(std::move(file));
        addNamedFiles(folder, content, taken, files);
    }
}

}  // namespace

int initCommand(const InitOptions& options, const Settings& settings) {
    const PluginCatalog plugins(settings.plugin_folders);
    const Pipeline pipeline = namedPipeline(options.from, plugins, settings);
    const fs::path folder = fs::absolute(options.folder);
    std::vector<StarterFile> files;
    files.push_back({.name = "pipeline.yaml",
                     .text = std::string("# yaml-language-server: $schema=") + kSchemaFile + "\n" +
                             pipeline.text});
    files.push_back({.name = kSchemaFile, .text = pipelineSchema(plugins)});
    std::set<fs::path> taken;
    addNamedFiles(pipeline.file.parent_path(), pipeline.text, taken, files);
    for (const StarterFile& file : files) {
        if (fs::exists(fs::symlink_status(folder / file.name)))
            throw ConfigError((folder / file.name).string() +
                              " exists; name another folder, or remove the file");
    }
    for (const StarterFile& file : files) {
        createFolders((folder / file.name).parent_path());
        DurableFile durable(folder / file.name);
        durable.write(file.text);
        durable.publish();
        std::cout << "Wrote " << (fs::path(options.folder) / file.name).lexically_normal().string()
                  << '\n';
    }
    loadPipeline(folder / "pipeline.yaml", plugins);  // the copy is complete
    std::cout << "Check it with: sheafline validate "
              << (fs::path(options.folder) / "pipeline.yaml").lexically_normal().string() << '\n';
    return kDone;
}

}  // namespace sheafline
