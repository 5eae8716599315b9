// The installed pipelines: the files of one folder, by name. Thread-safe; a reload does not change
// a pipeline that a caller holds.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <sheafline/log.h>

#include "pipeline/pipeline.h"
#include "plugins/plugin_catalog.h"
#include "settings/setting_values.h"

namespace sheafline {

class PipelineShelf {
 public:
    using PipelinePtr = std::shared_ptr<const Pipeline>;  // a request may hold it during a reload

    // `params` are the operator's values: they become the defaults of the pipelines' params. Throws
    // ConfigError for one that no pipeline has, or whose value is wrong.
    PipelineShelf(std::filesystem::path folder, const PluginCatalog& plugins, Log& log,
                  SettingTexts params = {});

    // Leaves out a file with errors, and logs them. Throws ConfigError as the constructor does;
    // then the pipelines stay as they were.
    void reload();
    PipelinePtr find(const std::string& name);  // null if there is none
    std::vector<PipelinePtr> all();
    const std::filesystem::path& folder() const { return folder_; }

 private:
    const std::filesystem::path folder_;
    const PluginCatalog& plugins_;
    Log& log_;
    const SettingTexts params_;
    std::mutex mutex_;
    std::map<std::string, PipelinePtr> pipelines_;  // guarded by mutex_
};

// The param that takes the uploaded file; null if the pipeline needs none.
const ParamSpec* uploadParam(const Pipeline& pipeline);

}  // namespace sheafline
