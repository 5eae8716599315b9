// Asks every stage, before the first one runs, whether its run would certainly fail, so that a
// wrong password is not found hours later. One thread; a stage that hangs is reported from another
// thread.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "batch/run/step.h"
#include "language/expression.h"

namespace sheafline {

struct PreflightError {
    Step* step = nullptr;
    std::string code{};
    std::string message{};
};

// The first error; empty if there is none. Stages with a condition, and those with values that are
// not known yet, are left out. `hung` is called if a stage does not answer, and does not return.
std::optional<PreflightError> preflight(
    std::vector<Step>& steps, const Pipeline& pipeline, const BatchEnvironment& environment,
    const ExpressionScope& scope, const std::stop_token& stop,
    const std::function<void(const Step& step, const std::string& why)>& hung);

// The same when the columns of the finished rows are known. Throws the first Error, which names the
// stage. Runs on the thread of a stage: it reads only what is constant in the steps.
void preflightRows(const std::vector<Step>& steps, const Pipeline& pipeline,
                   const BatchEnvironment& environment, const ExpressionScope& scope,
                   const std::vector<std::string>& columns, const std::stop_token& stop);

}  // namespace sheafline
