// Runs one batch, in the batch's own process: preflight, the stages, the owed `finally` stages, and
// the final event. Reports all that happens to the owner, and keeps nothing that a restart could
// not read back. One thread drives it.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "batch/resume_plan.h"
#include "batch/run/review_hold.h"
#include "batch/run/step.h"
#include "batch/run/step_driver.h"
#include "batch/run/stop_signal.h"
#include "history/history_reader.h"
#include "pipeline/pipeline_loader.h"

namespace sheafline {

class Runner {
 public:
    Runner(const Pipeline& pipeline, const BatchRow& batch, const std::vector<StageRow>& stages,
           const BatchEnvironment& environment, ExpressionScope scope);

    // Until the batch is final or interrupted. `resumed_because` is empty on a fresh start.
    void run(const std::string& resumed_because);
    void stop(StopReason reason);  // from any thread

 private:
    Step stepOf(const PipelineStage& use, const std::vector<StageRow>& stages,
                const ResumePlan* plan) const;
    void storePlan();
    void reportResumed(const std::string& why);
    std::optional<Outcome> work();
    void preflight();
    [[noreturn]] void leaveHung(const Step& step, const std::string& why);
    void runFinally(const Outcome& outcome);
    void finish(const Outcome& outcome);
    void interrupt(const std::string& why);
    bool waitsForPeople() const;
    void review();
    std::optional<EventError> diskError() const;
    ExpressionScope scopeNow() const;

    const Pipeline& pipeline_;
    const BatchRow& batch_;
    const BatchEnvironment& environment_;
    ExpressionScope scope_;
    const bool fresh_;  // no stage rows yet
    std::vector<Step> steps_;
    std::vector<Step> finally_;
    StopSignal signal_;
    std::stop_source preflight_stop_;
    std::atomic<bool> data_disk_full_{false};
    ReviewHold hold_;
    StepDriver stage_driver_;
    StepDriver finally_driver_;
};

}  // namespace sheafline
