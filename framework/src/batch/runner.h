// Runs the stages of one batch, in the batch's own process: in the order of their needs, several at
// a time where those allow it, with retries, time limits, the skip limit and the owed `finally`
// stages. Says all that happens to the owner and keeps nothing that a restart could not read back.
// One thread drives it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <stop_token>
#include <string>
#include <vector>

#include "batch/active_stage.h"
#include "batch/owner_link.h"
#include "history/history_reader.h"
#include "pipeline/pipeline.h"
#include "pipeline/pipeline_loader.h"
#include "plugins/plugin_catalog.h"

namespace sheafline {

class Runner {
 public:
    Runner(const Pipeline& pipeline, const BatchRow& batch, const std::vector<StageRow>& stages,
           const BatchEnvironment& environment, ExpressionScope scope);
    ~Runner();

    // Until the batch is final or interrupted. `resumed_because` is empty on a fresh start.
    void run(const std::string& resumed_because);
    void stop(StopReason reason);  // from any thread

 private:
    using Clock = std::chrono::steady_clock;

    struct Step {
        const StageUse* use = nullptr;
        const PluginDescriptor* plugin = nullptr;
        StageState state = StageState::pending;
        int attempt = 0;
        std::optional<std::string> checkpoint{};
        std::unique_ptr<ActiveStage> active{};
        Clock::time_point deadline = Clock::time_point::max();
        Clock::time_point retry_at{};
        Clock::time_point stop_by = Clock::time_point::max();  // then it counts as hung
        bool timed_out = false;
    };

    void plan();
    void sayResumed(const std::string& why);
    std::optional<Outcome> work();
    void preflight();
    void requireSecretsOfStages();
    void watchPreflight(Step& step, const std::stop_token& over);
    [[noreturn]] void leaveHung(const Step& step, const std::string& why);
    void finally();
    void finish(const Outcome& outcome);
    void interrupt(const std::string& why);

    void drive(std::vector<Step>& steps);
    void startReady(std::vector<Step>& steps);
    void start(Step& step);
    void skip(Step& step);
    void takeEnds(std::vector<Step>& steps);
    void ended(Step& step, const StageEnd& end);
    bool retried(Step& step, const StageEnd& end);
    void checkDeadlines(std::vector<Step>& steps);
    void checkSkipLimit(std::vector<Step>& steps);
    void fail(const Step& step, std::string code, std::string message);
    void stopAll(std::vector<Step>& steps);
    bool ready(const Step& step) const;
    std::optional<StopReason> stopReason() const;
    void poke();

    ExpressionScope scopeNow() const;

    const Pipeline& pipeline_;
    const BatchRow& batch_;
    const BatchEnvironment& environment_;
    const ExpressionScope scope_;
    std::vector<Step> steps_;
    std::vector<Step> finally_;
    bool fresh_ = false;  // no stage rows yet
    std::optional<EventError> failure_;
    std::mt19937 lots_{std::random_device{}()};
    std::stop_source preflight_stop_;
    std::optional<EventError> full_disk_;  // stops the batch, to be resumed

    mutable std::mutex mutex_;
    // guarded by mutex_
    std::optional<StopReason> stop_reason_;
    bool poke_ = false;
    std::condition_variable wake_;
};

}  // namespace sheafline
