#include "pipeline/fingerprint.h"

#include <map>
#include <optional>
#include <sstream>
#include <utility>

#include <sheafline/error.h>

#include "base/file_digest.h"
#include "pipeline/fingerprint_v1.h"
#include "pipeline/pipeline_loader.h"
#include "plugins/plugin_files.h"

namespace sheafline {

namespace {

using Kind = FingerprintChange::Kind;

constexpr std::string_view kVersion = "2";

std::string contentMark(const std::filesystem::path& file) {
    std::error_code error;
    const auto status = std::filesystem::status(file, error);
    if (status.type() == std::filesystem::file_type::not_found) return "none";
    if (std::filesystem::is_directory(status)) return "folder";
    if (!std::filesystem::is_regular_file(status)) return "unreadable";
    try {
        return sha256OfFile(file);
    } catch (const Error&) {
        return "unreadable";
    }
}

std::string shown(const std::filesystem::path& file, const std::filesystem::path& folder) {
    const auto relative = file.lexically_relative(folder);
    std::string text =
        (relative.empty() || *relative.begin() == ".." ? file : relative).generic_string();
    for (char& c : text) {
        if (c == '\n') c = '?';
    }
    return text;
}

// Values that cannot be known yet, such as those of a secret that is not set, are left out.
ParamValues knownValues(const RawValues& raw, const ExpressionScope& scope,
                        const std::filesystem::path& file) {
    ParamValues values;
    for (const auto& [name, value] : raw) {
        try {
            values.merge(resolveValues({{name, value}}, scope, file));
        } catch (const ConfigError&) {
            continue;
        }
    }
    return values;
}

void addFiles(std::string& text, const PluginFiles& files, const std::filesystem::path& folder) {
    for (const auto& file : files.result)
        text += "result " + contentMark(file) + ' ' + shown(file, folder) + '\n';
    for (const auto& file : files.scores)
        text += "scores " + contentMark(file) + ' ' + shown(file, folder) + '\n';
}

std::string optionsOf(const RawValues& with) {
    std::string text;
    for (const auto& [name, raw] : with) {
        text += name + '\0' + raw.value.text + '\0' + std::to_string(raw.value.list.size()) + '\0';
        for (const std::string& item : raw.value.list) text += item + '\0';
    }
    return sha256Of(text);
}

struct Parts {
    std::string plugin{};
    std::string processor{};
    std::string options{};
    std::map<std::string, std::string> result{};  // content by path
    std::map<std::string, std::string> scores{};
};

std::optional<Parts> partsOf(const std::string& text) {
    std::istringstream lines(text);
    std::string line;
    if (!std::getline(lines, line) || line != kVersion) return std::nullopt;
    Parts parts;
    while (std::getline(lines, line)) {
        const std::size_t space = line.find(' ');
        if (space == std::string::npos) return std::nullopt;
        const std::string key = line.substr(0, space);
        std::string rest = line.substr(space + 1);
        if (key == "plugin") {
            parts.plugin = std::move(rest);
        } else if (key == "processor") {
            parts.processor = std::move(rest);
        } else if (key == "options") {
            parts.options = std::move(rest);
        } else {
            const std::size_t end = rest.find(' ');
            if (end == std::string::npos) return std::nullopt;
            (key == "scores" ? parts.scores : parts.result)
                .insert_or_assign(rest.substr(end + 1), rest.substr(0, end));
        }
    }
    return parts;
}

std::string nameOf(const std::string& path) {
    return std::filesystem::path(path).filename().string();
}

std::string fileChange(const std::map<std::string, std::string>& then,
                       const std::map<std::string, std::string>& now) {
    for (const auto& [path, content] : now) {
        const auto before = then.find(path);
        if (before == then.end()) return nameOf(path) + " was not used before";
        if (before->second == content) continue;
        if (content == "none") return nameOf(path) + " is missing";
        return nameOf(path) + (before->second == "none" ? " is new" : " has changed");
    }
    for (const auto& [path, content] : then) {
        if (!now.contains(path)) return nameOf(path) + " is not used any more";
    }
    return {};
}

std::string pluginChange(const std::string& what, const std::string& then, const std::string& now) {
    if (then == now) return {};
    return "the " + what + " is now " + (now.empty() ? "none" : now) + ", before it was " +
           (then.empty() ? "none" : then);
}

FingerprintChange difference(const Parts& then, const Parts& now) {
    for (std::string reason :
         {pluginChange("plugin", then.plugin, now.plugin),
          pluginChange("processor", then.processor, now.processor),
          std::string(then.options == now.options ? "" : "its options have changed"),
          fileChange(then.result, now.result)}) {
        if (!reason.empty()) return {.kind = Kind::result, .reason = std::move(reason)};
    }
    if (std::string reason = fileChange(then.scores, now.scores); !reason.empty())
        return {.kind = Kind::scores, .reason = std::move(reason)};
    return {};
}

}  // namespace

std::string fingerprintOf(const PipelineStage& use, const PluginCatalog& plugins,
                          const ExpressionScope& scope,
                          const std::filesystem::path& pipeline_file) {
    const PluginEntry& stage = *plugins.find(PluginKind::stage, use.uses);  // the loader checked it
    const auto folder = pipeline_file.parent_path();
    ParamValues values = knownValues(use.with, scope, pipeline_file);
    std::string text = std::string(kVersion) + '\n';
    text += "plugin " + use.uses + ' ' + std::string(stage.descriptor->version) + '\n';
    std::string files;
    addFiles(files, pluginFiles(stage, values, folder), folder);
    for (const ParamSpec& spec : stage.params) {
        if (spec.type != ParamType::processor) continue;
        const auto named = values.find(spec.name);
        const std::string name =
            named == values.end() ? spec.default_value.value_or("") : named->second.text;
        const PluginEntry* processor = plugins.find(PluginKind::processor, name);
        if (processor == nullptr) continue;
        text += "processor " + name + ' ' + std::string(processor->descriptor->version) + '\n';
        ParamValues rest = values;
        for (const ParamSpec& own : stage.params) rest.erase(own.name);
        addFiles(files, pluginFiles(*processor, rest, folder), folder);
    }
    return text + "options " + optionsOf(use.with) + '\n' + files;
}

FingerprintChange changeSince(const std::string& stored, const PipelineStage& use,
                              const PluginCatalog& plugins, const ExpressionScope& scope,
                              const std::filesystem::path& pipeline_file) {
    const auto then = partsOf(stored);
    if (then) {
        return difference(*then, *partsOf(fingerprintOf(use, plugins, scope, pipeline_file)));
    }
    if (stored == fingerprintV1(use, plugins, scope, pipeline_file)) return {};
    return {.kind = Kind::result,
            .reason = "its plugin, its processor or a file that its options name has changed"};
}

}  // namespace sheafline
