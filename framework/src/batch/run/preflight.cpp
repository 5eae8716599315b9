#include "batch/run/preflight.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include <sheafline/error.h>

#include "pipeline/pipeline_loader.h"
#include "pipeline/required_secrets.h"

namespace sheafline {

namespace {

constexpr std::chrono::seconds kLimit{60};  // of one stage

using Hung = std::function<void(const Step&, const std::string&)>;

bool dependsOnStages(const RawValues& values) {
    const auto names = [](const std::string& text) {
        return text.find("stages.") != std::string::npos;
    };
    return std::ranges::any_of(values, [&](const auto& named) {
        const ParamValue& value = named.second.value;
        return names(value.text) || std::ranges::any_of(value.list, names);
    });
}

std::optional<PreflightError> missingSecret(std::vector<Step>& steps, const Pipeline& pipeline,
                                            const ExpressionScope& scope) {
    for (const MissingSecret& secret : missingSecrets(pipeline, scope)) {
        const auto step = std::ranges::find_if(
            steps, [&](const Step& s) { return s.use->id == secret.stage_id; });
        if (step == steps.end() || isOver(step->state)) continue;
        return PreflightError{&*step, "SECRET_MISSING", toString(secret.place)};
    }
    return std::nullopt;
}

// A stage that hangs in its constructor: nothing in this process can end it.
void watch(const Step& step, const std::stop_token& over, const Hung& hung) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any never;
    never.wait_for(lock, over, kLimit, [] { return false; });
    if (over.stop_requested()) return;
    hung(step, "stage " + step.use->id + " was not ready within " + std::to_string(kLimit.count()) +
                   " s");
}

}  // namespace

std::optional<PreflightError> preflight(std::vector<Step>& steps, const Pipeline& pipeline,
                                        const BatchEnvironment& environment,
                                        const ExpressionScope& scope, const std::stop_token& stop,
                                        const Hung& hung) {
    if (auto missing = missingSecret(steps, pipeline, scope)) return missing;
    for (Step& step : steps) {
        if (isOver(step.state) || !step.use->condition.empty()) continue;
        const std::jthread watcher([&](const std::stop_token& over) { watch(step, over, hung); });
        try {
            ParamValues values = resolveValues(step.use->with, scope, pipeline.file);
            environment.requireUsableDatabase(values);
            Params params(std::move(values), environment.pipeline_folder);
            step.plugin->make_stage(params)->preflight(stop);
        } catch (const Error& error) {
            if (error.errorClass() != ErrorClass::permanent) continue;
            return PreflightError{&step, error.code(), error.what()};
        } catch (const ConfigError& error) {
            // A value that other stages compute may be right later.
            if (dependsOnStages(step.use->with)) continue;
            return PreflightError{&step, "CONFIG", error.what()};
        } catch (...) {
            continue;  // the stage's run reports it
        }
    }
    return std::nullopt;
}

void preflightRows(const std::vector<Step>& steps, const Pipeline& pipeline,
                   const BatchEnvironment& environment, const ExpressionScope& scope,
                   const std::vector<std::string>& columns, const std::stop_token& stop) {
    // Stages come before those that need them, unless the file lists them otherwise.
    std::vector<std::string> known = columns;
    for (const Step& step : steps) {
        if (!step.use->condition.empty()) continue;
        try {
            Params params(resolveValues(step.use->with, scope, pipeline.file),
                          environment.pipeline_folder);
            const auto stage = step.plugin->make_stage(params);
            stage->preflightRows(known, stop);
            known = stage->columnsAfter(known);
        } catch (const Error& error) {
            if (error.errorClass() != ErrorClass::permanent) continue;
            throw Error(ErrorClass::permanent, error.code(),
                        "stage " + step.use->id + " would fail: " + error.what());
        } catch (...) {
            continue;  // such as a value that other stages compute; the stage's run reports it
        }
    }
}

}  // namespace sheafline
