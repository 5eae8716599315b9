// The files of a batch's params of type `file`: batches/BATCH/files/PARAM/NAME. They are stored
// before the batch is created, never change, and are removed with it. Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/data_folder.h"
#include "history/history_reader.h"
#include "pipeline/params/param_file.h"
#include "pipeline/pipeline.h"

namespace sheafline {

// What one param has in the batch's folder.
struct BatchFile {
    std::string param{};
    std::string name{};
    std::string sha256{};
    std::filesystem::path path{};
};

// Puts the stored text of each file in the place of its param. Throws ConfigError that lists the
// files whose param has another type or does not exist, and those that are empty or too large.
void giveFiles(const Pipeline& pipeline, std::map<std::string, std::string>& given,
               const ParamFiles& files);

// Reads the files that `given` names on this machine; relative paths start at `base`. Throws
// ConfigError that lists those that cannot be read.
ParamFiles readParamFiles(const Pipeline& pipeline, const std::map<std::string, std::string>& given,
                          const std::filesystem::path& base);

// Throws Error (BATCH_EXISTS) if there is a batch of this id: its files must stay.
void requireNewBatch(const DataFolder& folder, const std::string& batch_id);

// Who gave the files: what came over HTTP must not name other files of this machine, and is marked
// by a file `.sent` beside the folders of the params.
enum class FilesFrom { this_machine, http };

// The same if there is a batch of this id.
void storeParamFiles(const DataFolder& folder, const std::string& batch_id, const ParamFiles& files,
                     FilesFrom from);

// Removes what storeParamFiles() stored for a batch that could not be created.
void forgetParamFiles(const DataFolder& folder, const std::string& batch_id) noexcept;

// Stages receive the path of a stored file.
void usePathsOfFiles(ParamValues& params, const Pipeline& pipeline, const DataFolder& folder,
                     const std::string& batch_id);

std::vector<BatchFile> filesOf(const BatchRow& batch, const DataFolder& folder);
std::uint64_t bytesOfFiles(const DataFolder& folder, const std::string& batch_id);

}  // namespace sheafline
