// A WorkerPool that runs a processor in this process, one sheet after the other. An attempt that
// throws is repeated as often as the spec allows, then it is the reason of the sheet. One thread.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <sheafline/testing/plugin_file.h>
#include <sheafline/worker_pool.h>

namespace sheafline::testing {

class InlineWorkers : public WorkerPool {
 public:
    InlineWorkers(const PluginFile& plugin, const WorkerSpec& spec,
                  const std::filesystem::path& base);

    std::vector<std::string> columns() override { return processor_->columns(); }
    void run(const std::function<std::optional<SheetTask>()>& next,
             const std::function<void(const SheetOutcome&)>& done, std::stop_token stop) override;

 private:
    const int max_attempts_;
    const std::unique_ptr<Processor> processor_;
};

}  // namespace sheafline::testing
