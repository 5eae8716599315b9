#include "batch/runner.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <unistd.h>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/fault_point.h>

#include "batch/resume_plan.h"
#include "pipeline/fingerprint.h"
#include "pipeline/required_secrets.h"

namespace sheafline {

namespace {

constexpr std::chrono::milliseconds kTick{50};
constexpr std::chrono::seconds kStopGrace{10};
constexpr std::chrono::seconds kPreflightLimit{60};  // of one stage
constexpr int kHungExit = 71;  // the owner sees a crash, and goes on with what is committed

bool isOver(StageState state) {
    return state == StageState::completed || state == StageState::skipped;
}

// A full or read-only disk stops a batch but does not fail it: with room again it goes on.
bool isDiskFault(const std::string& code) { return code == "DISK_FULL" || code == "DISK_READONLY"; }

bool dependsOnStages(const RawValues& values) {
    const auto names = [](const std::string& text) {
        return text.find("stages.") != std::string::npos;
    };
    return std::ranges::any_of(values, [&](const auto& named) {
        const ParamValue& value = named.second.value;
        return names(value.text) || std::ranges::any_of(value.list, names);
    });
}

EventDraft batchEvent(ProcessingStage stage, std::string message,
                      std::optional<EventError> error = {}) {
    return {.stage = std::string(toString(stage)),
            .message = std::move(message),
            .complete = stage == ProcessingStage::completed,
            .error = std::move(error)};
}

}  // namespace

Runner::Runner(const Pipeline& pipeline, const BatchRow& batch, const std::vector<StageRow>& stages,
               const BatchEnvironment& environment, ExpressionScope scope)
    : pipeline_(pipeline),
      batch_(batch),
      environment_(environment),
      scope_(std::move(scope)),
      fresh_(stages.empty()) {
    const ResumePlan plan =
        planResume(pipeline, batch, stages, environment.plugins, scope_, environment.work_folder);
    const auto add = [&](std::vector<Step>& steps, const StageUse& use) {
        Step& step = steps.emplace_back();
        step.use = &use;
        step.plugin = environment_.plugins.find(PluginKind::stage, use.uses)
                          ->descriptor;  // the loader checked it
        const auto row = std::find_if(stages.begin(), stages.end(),
                                      [&](const StageRow& r) { return r.stage_id == use.id; });
        if (row == stages.end()) return;
        step.checkpoint = row->checkpoint;
        step.attempt = isOver(row->state) ? row->attempt : std::max(0, row->attempt - 1);
        // One of `finally` has one go in an execution, also where it failed.
        const bool stands =
            &steps == &finally_
                ? isOver(row->state) || row->state == StageState::failed
                : isOver(row->state) && plan.of(use.id).fate == StagePrognosis::Fate::done;
        if (stands) step.state = row->state;
    };
    for (const StageUse& use : pipeline.stages) add(steps_, use);
    for (const StageUse& use : pipeline.finally) add(finally_, use);
}

Runner::~Runner() = default;

void Runner::stop(StopReason reason) {
    {
        const std::lock_guard lock(mutex_);
        // A cancel outranks an interrupt: it is committed, and never resumes the work.
        if (!stop_reason_ || reason == StopReason::cancel) stop_reason_ = reason;
    }
    preflight_stop_.request_stop();
    poke();
}

void Runner::run(const std::string& resumed_because) {
    if (fresh_) plan();
    if (!resumed_because.empty()) sayResumed(resumed_because);
    std::optional<Outcome> outcome = batch_.outcome;
    if (!outcome && batch_.state == BatchState::cancelling)
        outcome = Outcome{.state = BatchState::cancelled};
    if (!outcome) outcome = work();
    if (!outcome) {
        interrupt(full_disk_ ? full_disk_->message + "; make room, then: sheafline resume " +
                                   batch_.batch_id
                             : "Interrupted; goes on with: sheafline resume " + batch_.batch_id);
        return;
    }
    environment_.link.editAndWait([&](Change& change) { change.outcome = outcome; });
    faultPoint("runner.outcome");
    finally();
    const bool owed = std::any_of(finally_.begin(), finally_.end(), [](const Step& step) {
        return step.state == StageState::pending;
    });
    if (owed && stopReason() == StopReason::interrupt) outcome.reset();
    outcome ? finish(*outcome)
            : interrupt("Interrupted; goes on with: sheafline resume " + batch_.batch_id);
}

void Runner::plan() {
    environment_.link.editAndWait([&](Change& change) {
        change.state = BatchState::running;
        for (const auto* steps : {&steps_, &finally_}) {
            for (const Step& step : *steps) {
                change.plan.push_back({.stage_id = step.use->id,
                                       .stage = std::string(step.plugin->stage.text()),
                                       .plugin = step.use->uses,
                                       .plugin_version = std::string(step.plugin->version),
                                       .weight = step.use->weight.value_or(step.plugin->weight),
                                       .in_finally = steps == &finally_});
            }
        }
    });
    faultPoint("runner.planned");
}

void Runner::sayResumed(const std::string& why) {
    const auto next = std::find_if(steps_.begin(), steps_.end(),
                                   [](const Step& step) { return !isOver(step.state); });
    EventDraft event{.stage = std::string(toString(ProcessingStage::queued)),
                     .message = "Resumed: " + why};
    if (next != steps_.end()) {
        event.stage_id = next->use->id;
        event.stage = next->plugin->stage.text();
        event.attempt = next->attempt + 1;
    }
    environment_.link.editAndWait([&](Change& change) {
        if (batch_.state != BatchState::cancelling) change.state = BatchState::running;
        change.events.push_back(std::move(event));
    });
}

// What is sure to fail is told before the first sheet is read, not hours later.
void Runner::preflight() {
    requireSecretsOfStages();
    for (Step& step : steps_) {
        if (failure_ || isOver(step.state) || !step.use->condition.empty()) continue;
        const std::jthread watch([&](const std::stop_token& over) { watchPreflight(step, over); });
        try {
            Params params(resolveValues(step.use->with, scopeNow(), pipeline_.file),
                          environment_.pipeline_folder);
            step.plugin->make_stage(params)->preflight(preflight_stop_.get_token());
        } catch (const Error& error) {
            if (error.errorClass() != ErrorClass::permanent) continue;
            step.state = StageState::failed;
            fail(step, error.code(), error.what());
        } catch (const ConfigError& error) {
            // A value that other stages compute may be right later.
            if (dependsOnStages(step.use->with)) continue;
            step.state = StageState::failed;
            fail(step, "CONFIG", error.what());
        } catch (...) {
            continue;  // the stage's run reports it
        }
    }
}

// A secret that the last stage needs must not be missed hours later.
void Runner::requireSecretsOfStages() {
    for (const MissingSecret& secret : missingSecrets(pipeline_, scopeNow())) {
        const auto step = std::ranges::find_if(
            steps_, [&](const Step& s) { return s.use->id == secret.stage_id; });
        if (step == steps_.end() || isOver(step->state)) continue;
        step->state = StageState::failed;
        return fail(*step, "SECRET_MISSING", toString(secret.place));
    }
}

// A stage that hangs in its constructor: nothing in this process can end it, so the process goes.
void Runner::watchPreflight(Step& step, const std::stop_token& over) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any never;
    never.wait_for(lock, over, kPreflightLimit, [] { return false; });
    if (over.stop_requested()) return;
    leaveHung(step, "stage " + step.use->id + " was not ready within " +
                        std::to_string(kPreflightLimit.count()) + " s");
}

void Runner::leaveHung(const Step& step, const std::string& why) {
    fail(step, "STAGE_HUNG", why);
    if (failure_)
        environment_.link.editAndWait([&](Change& change) {
            change.outcome = Outcome{.state = BatchState::failed, .error = failure_};
        });
    ::_exit(kHungExit);
}

std::optional<Outcome> Runner::work() {
    preflight();
    if (!failure_) drive(steps_);
    if (failure_) return Outcome{.state = BatchState::failed, .error = failure_};
    if (stopReason() == StopReason::cancel) return Outcome{.state = BatchState::cancelled};
    const bool done = std::all_of(steps_.begin(), steps_.end(),
                                  [](const Step& step) { return isOver(step.state); });
    if (!done) return std::nullopt;
    return Outcome{.state = BatchState::completed};
}

void Runner::finally() {
    failure_.reset();
    {
        const std::lock_guard lock(mutex_);
        // The cancel is what brought us here; from now on it is answered, and only an interrupt
        // counts.
        if (stop_reason_ == StopReason::cancel) stop_reason_.reset();
    }
    drive(finally_);
}

void Runner::finish(const Outcome& outcome) {
    environment_.link.editAndWait([&](Change& change) {
        change.state = outcome.state;
        switch (outcome.state) {
            case BatchState::completed:
                change.events.push_back(
                    batchEvent(ProcessingStage::completed, "Batch completed successfully"));
                break;
            case BatchState::cancelled:
                change.events.push_back(batchEvent(ProcessingStage::cancelled, "Batch cancelled"));
                break;
            default:
                change.events.push_back(batchEvent(ProcessingStage::failed,
                                                   "Batch failed: " + outcome.error->message,
                                                   outcome.error));
        }
    });
}

void Runner::interrupt(const std::string& why) {
    const auto next = std::find_if(steps_.begin(), steps_.end(),
                                   [](const Step& step) { return !isOver(step.state); });
    environment_.link.editAndWait([&](Change& change) {
        change.state = BatchState::interrupted;
        EventDraft event = batchEvent(ProcessingStage::queued, why, full_disk_);
        if (next != steps_.end()) {
            event.stage_id = next->use->id;
            event.stage = next->plugin->stage.text();
        }
        change.events.push_back(std::move(event));
    });
}

std::optional<StopReason> Runner::stopReason() const {
    const std::lock_guard lock(mutex_);
    return stop_reason_;
}

void Runner::poke() {
    {
        const std::lock_guard lock(mutex_);
        poke_ = true;
    }
    wake_.notify_all();
}

void Runner::drive(std::vector<Step>& steps) {
    const bool last = &steps == &finally_;
    while (true) {
        // A failing `finally` stage is a warning: the next one runs all the same.
        const bool over = stopReason() || (!last && (failure_ || full_disk_));
        over ? stopAll(steps) : startReady(steps);
        const bool active = std::any_of(steps.begin(), steps.end(),
                                        [](const Step& s) { return s.active != nullptr; });
        const bool waiting = std::any_of(steps.begin(), steps.end(), [](const Step& s) {
            return s.state == StageState::retrying;
        });
        if (!active && (!waiting || over)) return;
        {
            std::unique_lock lock(mutex_);
            wake_.wait_for(lock, kTick, [this] { return poke_; });
            poke_ = false;
        }
        for (Step& step : steps) {
            if (step.active) step.active->tick();
        }
        takeEnds(steps);
        checkDeadlines(steps);
        if (!last) checkSkipLimit(steps);
    }
}

bool Runner::ready(const Step& step) const {
    if (step.state == StageState::retrying) return Clock::now() >= step.retry_at;
    if (step.state != StageState::pending) return false;
    return std::all_of(step.use->needs.begin(), step.use->needs.end(), [&](const std::string& id) {
        return std::all_of(steps_.begin(), steps_.end(), [&](const Step& other) {
            return other.use->id != id || isOver(other.state);
        });
    });
}

void Runner::startReady(std::vector<Step>& steps) {
    for (Step& step : steps) {
        if (step.active || !ready(step)) continue;
        // `finally` runs one after the other, each in its turn whatever the one before came to.
        if (&steps == &finally_ && std::any_of(steps.begin(), steps.end(),
                                               [](const Step& s) { return s.active != nullptr; }))
            return;
        try {
            if (!step.use->condition.empty() &&
                !evaluateCondition(step.use->condition, scopeNow())) {
                skip(step);
            } else {
                start(step);
            }
        } catch (const ConfigError& error) {
            ended(step,
                  {.kind = StageEnd::Kind::failed, .code = "CONFIG", .message = error.what()});
        }
    }
}

void Runner::skip(Step& step) {
    step.state = StageState::skipped;
    environment_.link.editAndWait([&](Change& change) {
        change.stages.push_back({.stage_id = step.use->id, .state = step.state});
        change.events.push_back(
            {.stage_id = step.use->id,
             .stage = std::string(step.plugin->stage.text()),
             .message = "Stage " + step.use->id + " skipped: its condition is false",
             .complete = true});
    });
    poke();
}

void Runner::start(Step& step) {
    ParamValues params = resolveValues(step.use->with, scopeNow(), pipeline_.file);
    const bool again = step.state == StageState::retrying;
    // Here, not when the process starts: hours may pass until this stage reads its files.
    std::string fingerprint =
        fingerprintOf(*step.use, environment_.plugins, scopeNow(), pipeline_.file);
    step.state = StageState::running;
    ++step.attempt;
    step.timed_out = false;
    step.stop_by = Clock::time_point::max();
    if (!again)
        step.deadline =
            step.use->timeout ? Clock::now() + *step.use->timeout : Clock::time_point::max();
    environment_.link.editAndWait([&](Change& change) {
        if (again) change.state = BatchState::running;
        change.stages.push_back({.stage_id = step.use->id,
                                 .state = step.state,
                                 .attempt = step.attempt,
                                 .fingerprint = std::move(fingerprint)});
    });
    faultPoint("runner.stage_started");
    step.active =
        std::make_unique<ActiveStage>(environment_, *step.use, *step.plugin, std::move(params),
                                      step.checkpoint, step.attempt, [this] { poke(); });
}

void Runner::takeEnds(std::vector<Step>& steps) {
    for (Step& step : steps) {
        if (!step.active) continue;
        const auto end = step.active->end();
        if (!end) continue;
        if (end->kind == StageEnd::Kind::completed) step.active->finish();
        step.checkpoint = step.active->checkpoint();
        step.active.reset();
        if (step.timed_out && end->kind == StageEnd::Kind::stopped) {
            ended(step, {.kind = StageEnd::Kind::failed,
                         .code = "TIMEOUT",
                         .message = "stage " + step.use->id + " took longer than its timeout"});
        } else {
            ended(step, *end);
        }
    }
}

void Runner::ended(Step& step, const StageEnd& end) {
    if (end.kind == StageEnd::Kind::completed) {
        step.state = StageState::completed;
        environment_.link.editAndWait([&](Change& change) {
            change.stages.push_back({.stage_id = step.use->id, .state = step.state});
        });
        faultPoint("runner.stage_completed");
        return;
    }
    if (end.kind == StageEnd::Kind::stopped || isDiskFault(end.code)) {
        step.state = StageState::pending;
        --step.attempt;
        if (end.kind != StageEnd::Kind::stopped)
            full_disk_ =
                EventError{.code = end.code, .message = end.message, .stage = step.use->id};
        environment_.link.editAndWait([&](Change& change) {
            change.stages.push_back(
                {.stage_id = step.use->id, .state = StageState::pending, .attempt = step.attempt});
        });
        return;
    }
    if (!retried(step, end)) fail(step, end.code, end.message);
    if (step.state != StageState::retrying) step.state = StageState::failed;
}

bool Runner::retried(Step& step, const StageEnd& end) {
    const Retry& retry = step.use->retry;
    if (end.error_class != ErrorClass::transient || step.attempt >= retry.max_attempts)
        return false;
    const double factor = std::pow(retry.factor, step.attempt - 1);
    // Up to a fifth more, so that batches that failed together do not come back together.
    std::uniform_real_distribution<double> more(1, 1.2);
    const auto pause = std::chrono::milliseconds(
        static_cast<std::int64_t>(std::min(static_cast<double>(retry.initial.count()) * factor,
                                           static_cast<double>(retry.max_interval.count())) *
                                  more(lots_)));
    step.state = StageState::retrying;
    step.retry_at = Clock::now() + pause;
    environment_.link.editAndWait([&](Change& change) {
        change.state = BatchState::retrying;
        change.stages.push_back(
            {.stage_id = step.use->id, .state = step.state, .error = end.message});
        change.events.push_back(
            {.stage_id = step.use->id,
             .stage = std::string(step.plugin->stage.text()),
             .message = "Attempt " + std::to_string(step.attempt) + " of " +
                        std::to_string(retry.max_attempts) + " failed: " + end.message +
                        "; again in " + std::to_string(pause.count()) + " ms",
             .attempt = step.attempt,
             .error = EventError{.code = end.code, .message = end.message, .stage = step.use->id}});
    });
    return true;
}

void Runner::fail(const Step& step, std::string code, std::string message) {
    const bool in_finally =
        std::any_of(finally_.begin(), finally_.end(), [&](const Step& s) { return &s == &step; });
    const EventError error{
        .code = std::move(code), .message = std::move(message), .stage = step.use->id};
    environment_.link.editAndWait([&](Change& change) {
        change.stages.push_back(
            {.stage_id = step.use->id, .state = StageState::failed, .error = error.message});
        change.events.push_back({.stage_id = step.use->id,
                                 .stage = std::string(step.plugin->stage.text()),
                                 .message = (in_finally ? "Warning: stage " : "Stage ") +
                                            step.use->id + " failed: " + error.message,
                                 .attempt = step.attempt,
                                 .error = error});
    });
    if (!failure_ && !in_finally) failure_ = error;
}

void Runner::checkDeadlines(std::vector<Step>& steps) {
    const auto now = Clock::now();
    for (Step& step : steps) {
        if (!step.active) continue;
        if (now >= step.deadline && !step.timed_out) {
            step.timed_out = true;
            step.stop_by = now + kStopGrace;
            step.active->requestStop();
        }
        if (now < step.stop_by) continue;
        // It does not stop when asked: nothing in this process can end it, so the process goes.
        const std::string why = "stage " + step.use->id + " did not stop within " +
                                std::to_string(kStopGrace.count()) + " s of being asked";
        if (!step.timed_out && stopReason() == StopReason::interrupt) {
            // Who stops the owner does not fail its batches.
            interrupt("Interrupted, although " + why + "; goes on with: sheafline resume " +
                      batch_.batch_id);
            ::_exit(0);
        }
        leaveHung(step, why);
    }
}

void Runner::checkSkipLimit(std::vector<Step>& steps) {
    const auto total = environment_.sheets.size();
    const auto quarantined = environment_.sheets.count(SheetState::quarantined);
    for (Step& step : steps) {
        const bool begun = step.state == StageState::running || step.state == StageState::completed;
        if (!step.use->skip_limit || !begun || failure_ || total == 0) continue;
        if (static_cast<double>(quarantined) <= *step.use->skip_limit * static_cast<double>(total))
            continue;
        std::array<char, 64> share{};
        std::snprintf(share.data(), share.size(), "%.1f %%, more than skip.limit %.4g %%",
                      100.0 * static_cast<double>(quarantined) / static_cast<double>(total),
                      *step.use->skip_limit * 100);
        fail(step, "SKIP_LIMIT",
             std::to_string(quarantined) + " of " + std::to_string(total) +
                 " sheets are quarantined (" + share.data() + "); see: sheafline sheets " +
                 batch_.batch_id + " --state quarantined");
    }
}

void Runner::stopAll(std::vector<Step>& steps) {
    for (Step& step : steps) {
        if (!step.active || step.stop_by != Clock::time_point::max()) continue;
        step.active->requestStop();
        step.stop_by = Clock::now() + kStopGrace;
    }
}

ExpressionScope Runner::scopeNow() const {
    ExpressionScope scope = scope_;
    for (const Step& step : steps_) scope.stages[step.use->id]["state"] = toString(step.state);
    return scope;
}

}  // namespace sheafline
