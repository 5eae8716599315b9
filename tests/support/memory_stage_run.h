// A run of one stage without a runner. Sheets, progress and checkpoint are in memory and outlive a
// run, so that a test can run a stage again with the state of an earlier run. crash() discards
// everything that was not durable, as a kill would. Folders are created below `root`.
//
//     MemoryStageRun run(folder.path(), "extract");
//     makeStage("extract", {{"archive", {.text = "a.zip"}}})->run(run);
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sheafline/stage.h>

#include "memory_log.h"

namespace sheafline::test {

class MemorySheets : public SheetTable {
 public:
    struct Row {
        Sheet sheet{};
        std::optional<Reading> reading{};
        std::optional<std::vector<std::string>> row{};
        std::vector<DecidedField> decided{};
    };
    struct Content {
        std::vector<Row> rows{};
        std::vector<std::pair<std::string, std::string>> skipped{};  // file, reason
        std::size_t entries_total = 0;
        std::vector<std::string> columns{};
        bool frozen = false;
    };

    std::size_t size() const override;
    Sheet at(int number) const override;
    std::size_t count(SheetState state) const override;
    void add(std::vector<Sheet> sheets) override;
    void skip(std::string_view file, std::string_view reason) override;
    void setEntries(std::size_t total) override;
    EntryCounts entries() const override;
    void freeze() override;
    bool frozen() const override;
    void setPath(int number, const std::filesystem::path& path) override;
    void setCode(int number, std::string_view qr, std::string_view group) override;
    void quarantine(int number, std::string_view reason) override;
    void discard(int number, std::string_view reason) override;
    void countAttempt(int number) override;
    void setColumns(std::vector<std::string> columns) override;
    std::vector<std::string> columns() const override;
    void setReading(int number, const Reading& reading) override;
    std::optional<Reading> reading(int number) const override;
    std::vector<std::string> rowColumns() const override;
    void setRow(int number, const std::vector<std::string>& row) override;
    std::optional<std::vector<std::string>> row(int number) const override;
    std::vector<DecidedField> decisions(int number) const override;
    void settle(int number, const Reading& reading) override;
    void flush() override;

    void decide(int number, DecidedField field);
    void letWait(int number);  // the same as `retry` with a quarantined sheet
    void discard(int number);  // the same as `sheets fix --discard`
    void crash();
    Content content() const;

 private:
    Row& rowAt(int number);

    mutable std::mutex mutex_;
    // guarded by mutex_
    Content now_;
    Content durable_;
};

class MemoryProgress : public ProgressPublisher {
 public:
    void publish(ProgressEvent event) override;
    void publishAndWait(ProgressEvent event) override { publish(std::move(event)); }

    std::vector<ProgressEvent> events() const;
    std::string lastMessage() const;

 private:
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

    // Makes the run one of an apply of decisions that changes these sheets.
    void setChangedSheets(std::vector<int> sheets) { changed_ = std::move(sheets); }
    void nameInput(std::string name) { input_name_ = std::move(name); }
    void requestStop() { stop_.request_stop(); }
    void nextExecution();  // as `retry` does: another number, no checkpoint
    void crash();          // data that was not durable is lost, the checkpoint stays
    // Called with the number of each checkpoint (1, 2, …) before it is durable; may throw.
    void onCheckpoint(std::function<void(int)> hook) { checkpoint_hook_ = std::move(hook); }

 private:
    const std::filesystem::path folder_;
    const std::filesystem::path batch_folder_;
    const std::filesystem::path work_folder_;
    int execution_ = 1;
    std::string input_name_{};
    MemorySheets sheets_;
    MemoryProgress progress_;
    MemoryLog log_;
    std::stop_source stop_;
    std::optional<std::string> checkpoint_;
    std::optional<std::vector<int>> changed_;
    std::function<void(int)> checkpoint_hook_;
    int checkpoints_ = 0;
};

}  // namespace sheafline::test
