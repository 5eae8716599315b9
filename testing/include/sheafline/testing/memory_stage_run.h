// A run of one stage without a runner. Sheets, progress and checkpoint are in memory and outlive a
// run, so that a test can run a stage again with the state of an earlier run. crash() discards
// everything that was not durable, as a kill would. Folders are created below `root`.
//
//     MemoryStageRun run(folder.path(), "extract");
//     plugin.makeStage({{"archive", "a.zip"}})->run(run);
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sheafline/stage.h>
#include <sheafline/testing/call_watch.h>
#include <sheafline/testing/memory_log.h>
#include <sheafline/testing/memory_sheets.h>
#include <sheafline/testing/plugin_file.h>

namespace sheafline::testing {

class MemoryProgress : public ProgressPublisher {
 public:
    void publish(ProgressEvent event) override;
    void publishAndWait(ProgressEvent event) override { publish(std::move(event)); }

    std::vector<ProgressEvent> events() const;
    std::string lastMessage() const;

    void countCalls(CallWatch& calls) { calls_ = &calls; }

 private:
    CallWatch* calls_ = nullptr;
    mutable std::mutex mutex_;
    std::vector<ProgressEvent> events_;  // guarded by mutex_
};

class MemoryStageRun : public StageRun {
 public:
    MemoryStageRun(const std::filesystem::path& root, const std::string& stage_id);

    std::string_view batchId() const override { return "batch-1"; }
    std::string_view inputName() const override { return input_name_; }
    int execution() const override { return execution_; }
    const std::filesystem::path& folder() const override { return folder_; }
    const std::filesystem::path& batchFolder() const override { return batch_folder_; }
    const std::filesystem::path& workFolder() const override { return work_folder_; }
    MemorySheets& sheets() override { return sheets_; }
    MemoryProgress& progress() override { return progress_; }
    std::optional<std::string> checkpoint() const override { return checkpoint_; }
    void checkpoint(std::string_view state) override;
    void artifact(const Artifact& artifact) override;
    std::unique_ptr<WorkerPool> workers(const WorkerSpec& spec) override;
    std::stop_token stop() const override { return stop_.get_token(); }
    std::optional<std::vector<int>> changedSheets() const override { return changed_; }
    MemoryLog& log() override { return log_; }
    ProcessorParcel parcel(const ProcessorUse& use) const override;
    std::int64_t epoch() const override { return epoch_; }
    void requireOwnership() override;
    std::vector<std::filesystem::path> epochFolders() const override;

    // The batch has a lease with this epoch, as with several servers: it was taken over if an
    // earlier run had a lower one.
    void setEpoch(std::int64_t epoch) { epoch_ = epoch; }
    // Another server takes the batch over, and this run does not know it yet.
    void loseOwnership() { owns_ = false; }
    // Makes the run one of an apply of decisions that changes these sheets.
    void setChangedSheets(std::vector<int> sheets) { changed_ = std::move(sheets); }
    void nameInput(std::string name) { input_name_ = std::move(name); }
    void requestStop() { stop_.request_stop(); }
    void nextExecution();  // as `retry` does: another number, no checkpoint
    void crash();          // data that was not durable is lost, the checkpoint stays
    // Called with the number of each checkpoint (1, 2, …) before it is durable; may throw.
    void onCheckpoint(std::function<void(int)> hook) { checkpoint_hook_ = std::move(hook); }

    // A processor that this run's workers can use.
    void addProcessor(const PluginFile& plugin) { processors_.push_back(plugin); }
    void setCheckpoint(std::optional<std::string> state) { checkpoint_ = std::move(state); }
    // A stop that was requested does not count for the next run.
    void renewStop() { stop_ = std::stop_source(); }
    void countCalls(CallWatch& calls);
    const MemorySheets& sheets() const { return sheets_; }
    const MemoryProgress& progress() const { return progress_; }

 private:
    void pass(const char* name);

    const std::filesystem::path root_;
    const std::filesystem::path folder_;
    const std::filesystem::path batch_folder_;
    const std::filesystem::path work_folder_;
    int execution_ = 1;
    std::int64_t epoch_ = 0;
    std::atomic<bool> owns_{true};
    std::string input_name_{};
    MemorySheets sheets_;
    MemoryProgress progress_;
    MemoryLog log_;
    std::stop_source stop_;
    std::optional<std::string> checkpoint_;
    std::optional<std::vector<int>> changed_;
    std::function<void(int)> checkpoint_hook_;
    std::vector<PluginFile> processors_;
    CallWatch* calls_ = nullptr;
    int checkpoints_ = 0;
};

}  // namespace sheafline::testing
