#include "workers/processor_parcel.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <set>
#include <sstream>
#include <system_error>

#include <sheafline/error.h>

namespace sheafline {

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMaxBytes = std::uintmax_t{32} << 20U;
constexpr std::size_t kMaxText = std::size_t{1} << 20U;  // larger files name no others
constexpr int kMostLookedAt = 10'000;
constexpr int kDepth = 2;  // folders below that of the file
// OMRChecker's templates use it where it is, without naming it.
constexpr const char* kImplied = "evaluation.json";

// Whether a text names a file: not as a part of a longer name.
bool names(const std::string& text, const std::string& file) {
    const auto within_name = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
    };
    for (auto at = text.find(file); at != std::string::npos; at = text.find(file, at + 1)) {
        const std::size_t end = at + file.size();
        const bool begins = at == 0 || !within_name(text[at - 1]);
        if (begins && (end == text.size() || !within_name(text[end]))) return true;
    }
    return false;
}

class Packing {
 public:
    // `file` and what it names, as files below `folder` of the parcel.
    void add(const fs::path& file, const std::string& folder) {
        const std::string text = addOne(file, folder + "/" + file.filename().string());
        if (text.size() > kMaxText) return;
        const fs::path root = file.parent_path();
        const std::string prefix = folder + "/";
        std::error_code error;
        int looked_at = 0;
        fs::recursive_directory_iterator item(root, fs::directory_options::skip_permission_denied,
                                              error);
        for (; !error && item != fs::recursive_directory_iterator(); item.increment(error)) {
            if (++looked_at > kMostLookedAt) return;
            if (item.depth() >= kDepth) item.disable_recursion_pending();
            const std::string name = item->path().lexically_relative(root).generic_string();
            const bool implied = name == kImplied && file.extension() == ".json";
            if (!(implied || names(text, name)) || !item->is_regular_file(error) ||
                known_.contains(prefix + name)) {
                continue;
            }
            implied ? add(item->path(), folder)
                    : static_cast<void>(addOne(item->path(), prefix + name));
        }
    }

    std::vector<ParcelFile> takeFiles() { return std::move(files_); }

 private:
    std::string addOne(const fs::path& file, const std::string& name) {
        known_.insert(name);
        bytes_ += fs::file_size(file);
        if (bytes_ > kMaxBytes) {
            throw Error(ErrorClass::permanent, "PARCEL_TOO_LARGE",
                        "the files of the processor's params are more than 32 MiB, too much to "
                        "send to other hosts; use executor: local");
        }
        std::ostringstream bytes;
        bytes << std::ifstream(file, std::ios::binary).rdbuf();
        files_.push_back({.name = name, .bytes = bytes.str()});
        return files_.back().bytes;
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
    Packing packing;
    for (auto& [name, value] : parcel.processor.params) {
        requireNoSecret(name, value, redactor);
        const auto spec = std::ranges::find(plugin->params, name, &ParamSpec::name);
        if (spec == plugin->params.end() || spec->type != ParamType::path || value.text.empty())
            continue;
        const fs::path file = fs::absolute(base / value.text).lexically_normal();
        std::error_code error;
        if (fs::is_regular_file(file, error)) {
            packing.add(file, name);
            value.text = name + "/" + file.filename().string();
        } else {
            value.text = file.string();  // it may be there on the other host, too
        }
    }
    parcel.files = packing.takeFiles();
    return parcel;
}

}  // namespace sheafline
