#include "workers/processor_parcel.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <system_error>

#include <sheafline/error.h>

#include "base/file_digest.h"
#include "plugins/plugin_files.h"

namespace sheafline {

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMaxBytes = std::uintmax_t{32} << 20U;

bool isFile(const fs::path& file) {
    std::error_code error;
    return fs::is_regular_file(file, error);
}

// The folder above `file` and all of `others`.
fs::path commonFolder(const fs::path& file, const std::vector<fs::path>& others) {
    fs::path common = file.parent_path();
    for (const fs::path& other : others) {
        while (common.has_relative_path() && *other.lexically_relative(common).begin() == "..")
            common = common.parent_path();
    }
    return common;
}

class Packing {
 public:
    // Adds `file` and the files that belong to it, below `folder` of the parcel, at their relative
    // positions. Returns the name of `file` there.
    std::string add(const fs::path& file, const std::vector<fs::path>& others,
                    const std::string& folder) {
        const fs::path root = commonFolder(file, others);
        for (const fs::path& other : others) addOne(other, root, folder);
        return addOne(file, root, folder);
    }

    std::vector<ParcelFile> takeFiles() { return std::move(files_); }

 private:
    std::string addOne(const fs::path& file, const fs::path& root, const std::string& folder) {
        std::string name = folder + "/" + file.lexically_relative(root).generic_string();
        if (!known_.insert(name).second) return name;
        bytes_ += fs::file_size(file);
        if (bytes_ > kMaxBytes) {
            throw Error(ErrorClass::permanent, "PARCEL_TOO_LARGE",
                        "the files of the processor's params are more than 32 MiB, too much to "
                        "send to other hosts; use executor: local");
        }
        files_.push_back({.name = name, .bytes = fileText(file)});
        return name;
    }

    std::vector<ParcelFile> files_;
    std::set<std::string> known_;
    std::uintmax_t bytes_ = 0;
};

void requireNoSecret(const std::string& param, const ParamValue& value, const Redactor& redactor) {
    bool secret = redactor.masked(value.text) != value.text;
    for (const std::string& item : value.list) secret = secret || redactor.masked(item) != item;
    if (!secret) return;
    throw Error(ErrorClass::permanent, "SECRET_STAYS",
                "the param '" + param +
                    "' of the processor holds a secret, and secrets do not leave this host; use "
                    "executor: local, or let its program find the secret on the worker's host");
}

}  // namespace

ProcessorParcel processorParcel(const ProcessorUse& use, const PluginCatalog& plugins,
                                const std::filesystem::path& base, const Redactor& redactor) {
    const PluginEntry* plugin = plugins.find(PluginKind::processor, use.name);
    if (plugin == nullptr)
        throw ConfigError("there is no processor '" + use.name + "'; see: sheafline plugins list");
    ProcessorParcel parcel{.processor = use,
                           .version = std::string(plugin->descriptor->version),
                           .program = SHEAFLINE_VERSION};
    const PluginFiles declared = pluginFiles(*plugin, use.params, base);
    std::vector<fs::path> files;
    std::ranges::copy_if(declared.result, std::back_inserter(files), isFile);
    std::ranges::copy_if(declared.scores, std::back_inserter(files), isFile);
    Packing packing;
    for (auto& [name, value] : parcel.processor.params) {
        requireNoSecret(name, value, redactor);
        const auto spec = std::ranges::find(plugin->params, name, &ParamSpec::name);
        if (spec == plugin->params.end() || spec->type != ParamType::path || value.text.empty())
            continue;
        const fs::path file = fs::absolute(base / value.text).lexically_normal();
        // A file that is not here may still exist on the other host.
        value.text = isFile(file) ? packing.add(file, files, name) : file.string();
    }
    parcel.files = packing.takeFiles();
    return parcel;
}

}  // namespace sheafline
