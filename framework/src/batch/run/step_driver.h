// Drives a list of stages to its end: starts each one when the stages that it needs have ended, and
// handles retries, time limits and the skip limit. The runner uses it twice: for the stages and for
// `finally`. One thread drives it.
#pragma once

#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "batch/run/step.h"
#include "batch/run/stop_signal.h"
#include "language/expression.h"

namespace sheafline {

class StepDriver {
 public:
    struct Calls {
        std::function<ExpressionScope()> scope;
        // A stage does not stop although it was asked to. Does not return.
        std::function<void(const Step& step, const std::string& why)> hung;
        // Whether a stage must not start yet because people decide first.
        std::function<bool(const Step& step)> held{};
    };

    // `all` are the stages that `needs` may name; `steps` is driven, and may be the same.
    StepDriver(std::vector<Step>& steps, const std::vector<Step>& all, const Pipeline& pipeline,
               const BatchEnvironment& environment, StopSignal& signal, Calls calls);

    // Until every stage has ended, or a stop, an error or a full disk ended the work.
    void run();
    // Stores the stage as failed, with its event, in one commit.
    void fail(Step& step, std::string code, std::string message);

    const std::optional<EventError>& failure() const { return failure_; }  // never of `finally`
    const std::optional<EventError>& fullDisk() const {
        return full_disk_;
    }  // stops, to be resumed

 private:
    bool ready(const Step& step) const;
    void startReady();
    void start(Step& step);
    void skip(Step& step);
    void takeEnds();
    void ended(Step& step, const AttemptEnd& end);
    void completed(Step& step);
    void interrupted(Step& step, const AttemptEnd& end);
    bool retried(Step& step, const AttemptEnd& end);
    void checkDeadlines();
    void checkSkipLimits();
    void checkSkipLimit(Step& step) const;
    void stopAll();

    std::vector<Step>& steps_;
    const std::vector<Step>& all_;
    const Pipeline& pipeline_;
    const BatchEnvironment& environment_;
    StopSignal& signal_;
    const Calls calls_;
    std::mt19937 random_{std::random_device{}()};
    std::optional<EventError> failure_;
    std::optional<EventError> full_disk_;
};

}  // namespace sheafline
