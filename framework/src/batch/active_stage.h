// One attempt of one stage: its thread, its publisher, its deadline, and the StageRun that the
// plugin sees. The runner's thread creates, polls and ends it; the stage runs on its own thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <sheafline/stage.h>

#include "base/redactor.h"
#include "batch/batch_sheets.h"
#include "batch/event_gate.h"
#include "batch/owner_link.h"
#include "pipeline/pipeline.h"
#include "plugins/plugin_catalog.h"

namespace sheafline {

// How an attempt ended.
struct AttemptEnd {
    enum class Kind { completed, failed, stopped };
    Kind kind = Kind::completed;
    ErrorClass error_class = ErrorClass::permanent;
    std::string code{};
    std::string message{};
};

// With what an attempt starts.
struct AttemptStart {
    std::optional<std::string> checkpoint{};
    int attempt = 1;
    std::optional<std::vector<int>> changed_sheets{};  // see StageRun::changedSheets()
};

// What all stages of a batch share.
struct BatchEnvironment {
    std::string batch_id{};
    std::string input_name{};
    int execution = 1;
    std::int64_t epoch = 0;  // of the lease of the batch; 0: there is none
    std::filesystem::path batch_folder{};
    std::filesystem::path artifact_folder{};  // of this epoch
    std::filesystem::path work_folder{};
    std::filesystem::path pipeline_folder{};
    const PluginCatalog& plugins;
    OwnerLink& link;
    BatchSheets& sheets;
    HistoryReader& history;  // of the runner's thread
    Log& log;
    const Redactor& redactor;
    bool owner_resumes = false;  // an interrupted batch; otherwise a person resumes it
    // Decisions are applied to a batch that has ended: artifacts are held back until the apply has
    // succeeded, because a failed one keeps the previous artifacts.
    bool holds_artifacts = false;
    // How many sheets were quarantined when people continued the batch without them.
    std::optional<std::uint64_t> continued_without{};

    // Without a lease. With one, the history says which artifacts are held back.
    std::filesystem::path heldArtifacts() const { return batch_folder / "apply"; }
    // For the values of a stage that is about to run: see shared_database.h.
    void requireUsableDatabase(const ParamValues& values) const;
    bool holdsInFolder() const { return holds_artifacts && epoch == 0; }
};

class ActiveStage {
 public:
    // Starts the thread. `ended` is called on it, last.
    ActiveStage(const BatchEnvironment& batch, const PipelineStage& use,
                const PluginDescriptor& plugin, ParamValues params, AttemptStart start,
                std::function<void()> ended);
    ~ActiveStage();  // waits for the thread

    void tick();  // lets a waiting event through
    void requestStop() { stop_.request_stop(); }
    std::optional<AttemptEnd> end() const;          // once it ended
    std::optional<std::string> checkpoint() const;  // the last durable one
    void finish();                                  // the last event of a stage that completed
    void say(std::string message);                  // an event that always passes the event gate

 private:
    class Run;

    void work(const PluginDescriptor& plugin, ParamValues values);

    const BatchEnvironment& batch_;
    const std::string stage_id_;
    std::stop_source stop_;
    std::unique_ptr<Run> run_;

    mutable std::mutex mutex_;
    std::optional<AttemptEnd> end_;  // guarded by mutex_

    std::thread thread_;
};

}  // namespace sheafline
