#include "batch/run/step_driver.h"

#include <algorithm>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/fault_point.h>

#include "batch/run/retry_pause.h"
#include "batch/run/skip_rule.h"
#include "batch/run/stage_messages.h"
#include "history/decisions/decision_reader.h"
#include "pipeline/fingerprint.h"
#include "pipeline/pipeline_loader.h"

namespace sheafline {

namespace {

using Clock = Step::Clock;

constexpr std::chrono::milliseconds kTick{50};
constexpr std::chrono::seconds kStopGrace{10};

// A full or read-only disk stops a batch but does not fail it: it can be resumed once there is
// room.
bool isDiskError(const std::string& code) { return code == "DISK_FULL" || code == "DISK_READONLY"; }

bool isActive(const Step& step) { return step.active != nullptr; }

}  // namespace

StepDriver::StepDriver(std::vector<Step>& steps, const std::vector<Step>& all,
                       const Pipeline& pipeline, const BatchEnvironment& environment,
                       StopSignal& signal, Calls calls)
    : steps_(steps),
      all_(all),
      pipeline_(pipeline),
      environment_(environment),
      signal_(signal),
      calls_(std::move(calls)) {}

void StepDriver::run() {
    while (true) {
        const bool over = signal_.reason() || failure_ || full_disk_;
        over ? stopAll() : startReady();
        const bool active = std::ranges::any_of(steps_, isActive);
        const bool waiting = std::ranges::any_of(
            steps_, [](const Step& s) { return s.state == StageState::retrying; });
        if (!active && (!waiting || over)) return;
        signal_.waitFor(kTick);
        for (Step& step : steps_) {
            if (step.active) step.active->tick();
        }
        takeEnds();
        checkDeadlines();
        checkSkipLimits();
    }
}

bool StepDriver::ready(const Step& step) const {
    if (step.state == StageState::retrying) return Clock::now() >= step.retry_at;
    if (step.state != StageState::pending) return false;
    // `finally` stages run one after the other, independent of the result of the one before.
    if (step.in_finally) return std::ranges::none_of(steps_, isActive);
    const bool needed_ended = std::ranges::all_of(step.use->needs, [&](const std::string& id) {
        return std::ranges::all_of(
            all_, [&](const Step& other) { return other.use->id != id || isOver(other.state); });
    });
    return needed_ended && !(calls_.held && calls_.held(step));
}

void StepDriver::startReady() {
    for (Step& step : steps_) {
        if (step.active || !ready(step)) continue;
        try {
            if (!step.use->condition.empty() &&
                !evaluateCondition(step.use->condition, calls_.scope())) {
                skip(step);
            } else {
                start(step);
            }
        } catch (const ConfigError& error) {
            fail(step, "CONFIG", error.what());
        }
    }
}

void StepDriver::skip(Step& step) {
    step.state = StageState::skipped;
    environment_.link.editAndWait([&](Change& change) {
        change.stages.push_back({.stage_id = step.use->id, .state = step.state});
        change.events.push_back(skippedEvent(step));
    });
    signal_.wake();
}

void StepDriver::start(Step& step) {
    const ExpressionScope scope = calls_.scope();
    ParamValues params = resolveValues(step.use->with, scope, pipeline_.file);
    // The preflight did not see values that other stages compute.
    try {
        environment_.requireUsableDatabase(params);
    } catch (const Error& error) {
        return fail(step, error.code(), error.what());
    }
    const bool again = step.state == StageState::retrying;
    // Here, not when the process starts: hours may pass until this stage reads its files.
    std::string fingerprint = fingerprintOf(*step.use, environment_.plugins, scope, pipeline_.file);
    step.state = StageState::running;
    ++step.attempt;
    step.timed_out = false;
    step.over_limit.reset();
    step.stop_by = Clock::time_point::max();
    step.deadline = Clock::now() + step.use->timeout;
    environment_.link.editAndWait([&](Change& change) {
        if (again) change.state = BatchState::running;
        change.stages.push_back({.stage_id = step.use->id,
                                 .state = step.state,
                                 .attempt = step.attempt,
                                 .fingerprint = std::move(fingerprint)});
    });
    faultPoint("runner.stage_started");
    AttemptStart attempt{.checkpoint = step.checkpoint, .attempt = step.attempt};
    if (step.changes_only)
        attempt.changed_sheets = DecisionReader(environment_.history.database())
                                     .changedSheets(environment_.batch_id, environment_.execution);
    step.active =
        std::make_unique<ActiveStage>(environment_, *step.use, *step.plugin, std::move(params),
                                      std::move(attempt), [this] { signal_.wake(); });
}

void StepDriver::takeEnds() {
    for (Step& step : steps_) {
        if (!step.active) continue;
        const auto end = step.active->end();
        if (!end) continue;
        // The last sheets may have come after the last look.
        if (end->kind == AttemptEnd::Kind::completed) checkSkipLimit(step);
        if (end->kind == AttemptEnd::Kind::completed && !step.over_limit) step.active->finish();
        step.checkpoint = step.active->checkpoint();
        step.active.reset();
        ended(step, *end);
    }
}

void StepDriver::ended(Step& step, const AttemptEnd& end) {
    if (isDiskError(end.code)) return interrupted(step, end);
    // Whatever the stage made of the request to stop: one that is stored as failed is retried.
    if (step.over_limit) return fail(step, "SKIP_LIMIT", *step.over_limit);
    if (end.kind == AttemptEnd::Kind::completed) return completed(step);
    if (step.timed_out) {
        return fail(step, "TIMEOUT", "stage " + step.use->id + " took longer than its timeout");
    }
    if (end.kind == AttemptEnd::Kind::stopped) return interrupted(step, end);
    if (!retried(step, end)) fail(step, end.code, end.message);
}

void StepDriver::completed(Step& step) {
    step.state = StageState::completed;
    environment_.link.editAndWait([&](Change& change) {
        change.stages.push_back({.stage_id = step.use->id, .state = step.state});
    });
    faultPoint("runner.stage_completed");
}

void StepDriver::interrupted(Step& step, const AttemptEnd& end) {
    step.state = StageState::pending;
    --step.attempt;
    if (end.kind != AttemptEnd::Kind::stopped)
        full_disk_ = EventError{.code = end.code, .message = end.message, .stage = step.use->id};
    environment_.link.editAndWait([&](Change& change) {
        change.stages.push_back(
            {.stage_id = step.use->id, .state = step.state, .attempt = step.attempt});
    });
}

bool StepDriver::retried(Step& step, const AttemptEnd& end) {
    const Retry& retry = step.use->retry;
    if (end.error_class != ErrorClass::transient || step.attempt >= retry.max_attempts)
        return false;
    const auto pause =
        retryPause(retry, step.attempt, std::uniform_real_distribution<double>(0, 1)(random_));
    step.state = StageState::retrying;
    step.retry_at = Clock::now() + pause;
    environment_.link.editAndWait([&](Change& change) {
        change.state = BatchState::retrying;
        change.stages.push_back(
            {.stage_id = step.use->id, .state = step.state, .error = end.message});
        change.events.push_back(retryEvent(step, end.message, pause));
    });
    return true;
}

void StepDriver::fail(Step& step, std::string code, std::string message) {
    step.state = StageState::failed;
    const EventError error{
        .code = std::move(code), .message = std::move(message), .stage = step.use->id};
    environment_.link.editAndWait([&](Change& change) {
        change.stages.push_back(
            {.stage_id = step.use->id, .state = step.state, .error = error.message});
        change.events.push_back(failedEvent(step, error));
    });
    // A `finally` stage that fails is a warning: the next one runs.
    if (!failure_ && !step.in_finally) failure_ = error;
}

void StepDriver::checkDeadlines() {
    const auto now = Clock::now();
    for (Step& step : steps_) {
        if (!step.active) continue;
        if (now >= step.deadline && !step.timed_out) {
            step.timed_out = true;
            step.stop_by = now + kStopGrace;
            step.active->requestStop();
        }
        if (now < step.stop_by) continue;
        calls_.hung(step, "stage " + step.use->id + " did not stop within " +
                              std::to_string(kStopGrace.count()) + " s of being asked");
    }
}

void StepDriver::checkSkipLimits() {
    if (!environment_.sheets.frozen()) return;  // the total is not known yet
    for (Step& step : steps_) {
        if (!step.active || step.over_limit) continue;
        checkSkipLimit(step);
        if (!step.over_limit) continue;
        step.active->requestStop();
        step.stop_by = std::min(step.stop_by, Clock::now() + kStopGrace);
    }
}

void StepDriver::checkSkipLimit(Step& step) const {
    const auto limit = skipLimitOf(*step.use, *step.plugin);
    if (!limit || limit->reviews || step.in_finally) return;
    // Discarded pages are no sheets of the batch: blank backs do not make room for lost fronts.
    const SheetTable& sheets = environment_.sheets;
    if (const auto over = overLimit(*limit, sheets.size() - sheets.count(SheetState::discarded),
                                    sheets.count(SheetState::quarantined),
                                    environment_.continued_without.value_or(0)))
        step.over_limit = *over +
                          "; look at the quarantined sheets, then give their codes, "
                          "discard them, or continue without them";
}

void StepDriver::stopAll() {
    for (Step& step : steps_) {
        if (!step.active || step.stop_by != Clock::time_point::max()) continue;
        step.active->requestStop();
        step.stop_by = Clock::now() + kStopGrace;
    }
}

}  // namespace sheafline
