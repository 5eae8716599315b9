// The pipelines that a server runs: the files of one folder, by name. Thread-safe; a pipeline that
// was taken stays as it is through a reload.
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

namespace sheafline {

class PipelineShelf {
 public:
    using PipelinePtr = std::shared_ptr<const Pipeline>;  // a request may hold it over a reload

    PipelineShelf(std::filesystem::path folder, const PluginCatalog& plugins, Log& log);

    void reload();  // a file that is wrong is left out, and the log says why
    PipelinePtr find(const std::string& name);  // null where there is none
    std::vector<PipelinePtr> all();

 private:
    const std::filesystem::path folder_;
    const PluginCatalog& plugins_;
    Log& log_;
    std::mutex mutex_;
    std::map<std::string, PipelinePtr> pipelines_;  // guarded by mutex_
};

// The param that takes the uploaded file; null where the pipeline works without one.
const ParamSpec* uploadParam(const Pipeline& pipeline);

}  // namespace sheafline
