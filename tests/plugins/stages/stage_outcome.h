// The outcome of one run of a stage, as a text to compare.
#pragma once

#include <string>

#include <sheafline/error.h>

#include "memory_stage_run.h"
#include "plugin_under_test.h"

namespace sheafline::test {

struct StageOutcome {
    std::string code{};     // "done", or the code of the error
    std::string message{};  // of the error
};

inline StageOutcome runStage(const std::string& name, const ParamValues& params, StageRun& run) {
    try {
        makeStage(name, params)->run(run);
        return {.code = "done"};
    } catch (const Error& error) {
        return {.code = error.code(), .message = error.what()};
    }
}

}  // namespace sheafline::test
