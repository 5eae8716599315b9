#include "batch/params/param_files.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>

#include "base/file_digest.h"
#include "base/units.h"
#include "batch/batch_params.h"

namespace sheafline {

namespace {

std::filesystem::path folderOf(const DataFolder& folder, const std::string& batch_id) {
    return folder.batch(batch_id) / "files";
}

const ParamSpec* specOf(const Pipeline& pipeline, const std::string& name) {
    const auto found = std::ranges::find(pipeline.params, name, &ParamSpec::name);
    return found == pipeline.params.end() ? nullptr : &*found;
}

std::string nameOf(const std::string& param, const ParamFile& file) {
    return safeFileName(file.name, param);
}

std::optional<std::string> problemOf(const ParamSpec* spec, const std::string& name,
                                     const ParamFile& file) {
    if (spec != nullptr && spec->type != ParamType::file)
        return name + ": this param takes no file; give a text, a number, true or false";
    if (file.bytes.size() > kMaxParamFileBytes)
        return name + ": the file has more than " + sizeText(kMaxParamFileBytes) +
               "; remove what is not needed from it";
    if (file.bytes.empty() && spec != nullptr && spec->required)
        return name + ": the file is empty; give the file that is meant";
    return std::nullopt;
}

// One byte more than is allowed, if it is larger.
ParamFile readFile(const std::filesystem::path& path) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (!std::filesystem::exists(status)) throw ConfigError("there is no such file");
    if (!std::filesystem::is_regular_file(status))
        throw ConfigError("it is not a file; give the path of a file");
    std::ifstream in(path, std::ios::binary);
    if (!in) throw ConfigError("this user cannot read it");
    ParamFile file{.name = path.filename().string()};
    file.bytes.resize(kMaxParamFileBytes + 1);
    in.read(file.bytes.data(), static_cast<std::streamsize>(file.bytes.size()));
    if (in.bad()) throw ConfigError("reading it failed");
    file.bytes.resize(static_cast<std::size_t>(in.gcount()));
    return file;
}

}  // namespace

void giveFiles(const Pipeline& pipeline, std::map<std::string, std::string>& given,
               const ParamFiles& files) {
    std::vector<Finding> findings;
    for (const auto& [name, file] : files) {
        if (auto problem = problemOf(specOf(pipeline, name), name, file)) {
            findings.push_back({.file = {}, .key = name, .message = std::move(*problem)});
            continue;
        }
        given[name] = storedText({.sha256 = sha256Of(file.bytes), .name = nameOf(name, file)});
    }
    if (!findings.empty()) throw ConfigError(std::move(findings));
}

ParamFiles readParamFiles(const Pipeline& pipeline, const std::map<std::string, std::string>& given,
                          const std::filesystem::path& base) {
    ParamFiles files;
    std::vector<Finding> findings;
    for (const auto& [name, text] : given) {
        const ParamSpec* spec = specOf(pipeline, name);
        if (spec == nullptr || spec->type != ParamType::file || text.empty()) continue;
        try {
            files.emplace(name, readFile(base / text));
        } catch (const ConfigError& error) {
            std::string message = name;
            message.append(": ").append(text).append(": ").append(error.what());
            findings.push_back({.file = {}, .key = name, .message = std::move(message)});
        }
    }
    if (!findings.empty()) throw ConfigError(std::move(findings));
    return files;
}

void requireNewBatch(const DataFolder& folder, const std::string& batch_id) {
    if (HistoryReader(folder.history()).batch(batch_id))
        throw Error(ErrorClass::permanent, "BATCH_EXISTS",
                    "the batch '" + batch_id +
                        "' already exists; continue it with: sheafline resume " + batch_id);
}

void storeParamFiles(const DataFolder& folder, const std::string& batch_id, const ParamFiles& files,
                     FilesFrom from) {
    if (files.empty()) return;
    requireNewBatch(folder, batch_id);
    try {
        if (from == FilesFrom::http) {
            createFolders(folderOf(folder, batch_id));
            DurableFile(folderOf(folder, batch_id) / ".sent").publish();
        }
        for (const auto& [name, file] : files) {
            const std::filesystem::path own = folderOf(folder, batch_id) / name;
            createFolders(own);
            DurableFile stored(own / nameOf(name, file));
            stored.write(file.bytes);
            stored.publish();
        }
    } catch (...) {
        forgetParamFiles(folder, batch_id);
        throw;
    }
}

void forgetParamFiles(const DataFolder& folder, const std::string& batch_id) noexcept {
    std::error_code ignored;
    std::filesystem::remove_all(folderOf(folder, batch_id), ignored);
    std::filesystem::remove(folder.batch(batch_id), ignored);  // if nothing else is in it
}

void usePathsOfFiles(ParamValues& params, const Pipeline& pipeline, const DataFolder& folder,
                     const std::string& batch_id) {
    for (const ParamSpec& spec : pipeline.params) {
        const auto value = params.find(spec.name);
        if (spec.type != ParamType::file || value == params.end()) continue;
        if (const auto stored = storedFile(value->second.text))
            value->second.text = (folderOf(folder, batch_id) / spec.name / stored->name).string();
    }
}

std::vector<BatchFile> filesOf(const BatchRow& batch, const DataFolder& folder) {
    std::vector<BatchFile> files;
    for (const auto& [name, value] : shownParams(batch)) {
        const auto stored = storedFile(value.text);
        if (!stored) continue;
        files.push_back({.param = name,
                         .name = stored->name,
                         .sha256 = stored->sha256,
                         .path = folderOf(folder, batch.batch_id) / name / stored->name});
    }
    return files;
}

std::uint64_t bytesOfFiles(const DataFolder& folder, const std::string& batch_id) {
    std::error_code error;
    std::uint64_t bytes = 0;
    for (auto item =
             std::filesystem::recursive_directory_iterator(folderOf(folder, batch_id), error);
         !error && item != std::filesystem::end(item); item.increment(error)) {
        std::error_code gone;
        const auto size = item->is_regular_file(gone) ? item->file_size(gone) : 0;
        if (!gone) bytes += size;
    }
    return bytes;
}

}  // namespace sheafline
