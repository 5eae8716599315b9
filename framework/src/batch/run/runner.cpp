#include "batch/run/runner.h"

#include <algorithm>
#include <unistd.h>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/fault_point.h>

#include "batch/batch_plan.h"
#include "batch/batch_scope.h"
#include "batch/run/decision_report.h"
#include "batch/run/held_artifacts.h"
#include "batch/run/preflight.h"
#include "batch/run/stage_messages.h"

namespace sheafline {

namespace {

bool neverStarted(const StageRow& stage) {
    return stage.state == StageState::pending && stage.attempt == 0;
}

constexpr int kHungExit = 71;  // the owner sees a crash, and continues from what is committed

}  // namespace

Runner::Runner(const Pipeline& pipeline, const BatchRow& batch, const std::vector<StageRow>& stages,
               const BatchEnvironment& environment, ExpressionScope scope)
    : pipeline_(pipeline),
      batch_(batch),
      environment_(environment),
      scope_(std::move(scope)),
      fresh_(batch.execution == 1 && std::ranges::all_of(stages, neverStarted)),
      hold_(pipeline, steps_, environment),
      stage_driver_(
          steps_, steps_, pipeline, environment, signal_,
          {.scope = [this] { return scopeNow(); },
           .hung = [this](const Step& step, const std::string& why) { leaveHung(step, why); },
           .held = [this](const Step& step) { return hold_.holds(step); }}),
      finally_driver_(
          finally_, finally_, pipeline, environment, signal_,
          {.scope = [this] { return scopeNow(); },
           .hung = [this](const Step& step, const std::string& why) { leaveHung(step, why); }}) {
    const ResumePlan plan =
        planResume(pipeline, batch, stages, environment.plugins, scope_, environment.work_folder);
    for (const PipelineStage& use : pipeline.stages) steps_.push_back(stepOf(use, stages, &plan));
    for (const PipelineStage& use : pipeline.finally)
        finally_.push_back(stepOf(use, stages, nullptr));
    environment.sheets.checkColumns([this](const std::vector<std::string>& columns) {
        preflightRows(steps_, pipeline_, environment_, scope_, columns,
                      preflight_stop_.get_token());
    });
}

// A stage of `finally` has no plan: it runs once in an execution, whether it fails or not.
Step Runner::stepOf(const PipelineStage& use, const std::vector<StageRow>& stages,
                    const ResumePlan* plan) const {
    Step step{.use = &use,
              .plugin = environment_.plugins.find(PluginKind::stage, use.uses)
                            ->descriptor,  // the loader checked it
              .in_finally = plan == nullptr};
    const auto row = std::ranges::find(stages, use.id, &StageRow::stage_id);
    if (row == stages.end()) return step;
    step.checkpoint = row->checkpoint;
    step.changes_only = row->changes_only;
    step.attempt = isOver(row->state) ? row->attempt : std::max(0, row->attempt - 1);
    const bool kept = plan == nullptr
                          ? isOver(row->state) || row->state == StageState::failed
                          : isOver(row->state) && plan->of(use.id).fate == PlannedStage::Fate::done;
    if (kept) step.state = row->state;
    return step;
}

void Runner::stop(StopReason reason) {
    const bool disk_full = reason == StopReason::disk_full;
    if (disk_full) data_disk_full_ = true;  // before the signal, whose reader asks for the reason
    signal_.stop(disk_full ? StopReason::interrupt : reason);
    preflight_stop_.request_stop();
}

void Runner::run(const std::string& resumed_because) {
    if (fresh_) storePlan();
    if (!resumed_because.empty()) reportResumed(resumed_because);
    std::optional<Outcome> outcome = batch_.outcome;
    if (!outcome && batch_.state == BatchState::cancelling)
        outcome = Outcome{.state = BatchState::cancelled};
    if (!outcome) outcome = work();
    if (!outcome && waitsForPeople()) return review();
    if (!outcome) return interrupt("Interrupted");
    environment_.link.editAndWait([&](Change& change) { change.outcome = outcome; });
    faultPoint("runner.outcome");
    runFinally(*outcome);
    const bool owed =
        std::ranges::any_of(finally_, [](const Step& s) { return s.state == StageState::pending; });
    const bool stopped =
        signal_.reason() == StopReason::interrupt || finally_driver_.fullDisk().has_value();
    owed&& stopped ? interrupt("Interrupted") : finish(*outcome);
}

void Runner::storePlan() {
    environment_.link.editAndWait([&](Change& change) {
        if (batch_.state != BatchState::cancelling) change.state = BatchState::running;
        change.plan = planOf(pipeline_, environment_.plugins);
    });
    faultPoint("runner.planned");
}

void Runner::reportResumed(const std::string& why) {
    environment_.link.editAndWait([&](Change& change) {
        if (batch_.state != BatchState::cancelling) change.state = BatchState::running;
        change.events.push_back(resumedEvent(firstOpen(steps_), why));
    });
}

void Runner::preflight() {
    // Of stages that have not run, no values are known.
    ExpressionScope scope = scopeNow();
    for (const Step& step : steps_) {
        if (!isOver(step.state)) scope.stages.erase(step.use->id);
    }
    const auto error = sheafline::preflight(
        steps_, pipeline_, environment_, scope, preflight_stop_.get_token(),
        [this](const Step& step, const std::string& why) { leaveHung(step, why); });
    if (error) stage_driver_.fail(*error->step, error->code, error->message);
}

// Nothing in this process can end a stage that hangs, so the process ends.
void Runner::leaveHung(const Step& step, const std::string& why) {
    if (!step.timed_out && !step.over_limit && signal_.reason() == StopReason::interrupt) {
        // Stopping the owner must not fail its batches.
        interrupt("Interrupted, although " + why);
        ::_exit(0);
    }
    const EventError error{.code = step.over_limit ? "SKIP_LIMIT" : "STAGE_HUNG",
                           .message = step.over_limit.value_or(why),
                           .stage = step.use->id};
    environment_.link.editAndWait([&](Change& change) {
        change.stages.push_back(
            {.stage_id = step.use->id, .state = StageState::failed, .error = error.message});
        change.events.push_back(failedEvent(step, error));
        if (!step.in_finally)
            change.outcome = Outcome{.state = BatchState::failed,
                                     .error = stage_driver_.failure().value_or(error)};
    });
    ::_exit(kHungExit);
}

std::optional<Outcome> Runner::work() {
    preflight();
    if (!stage_driver_.failure()) stage_driver_.run();
    if (const auto& failure = stage_driver_.failure())
        return Outcome{.state = BatchState::failed, .error = failure};
    if (signal_.reason() == StopReason::cancel) return Outcome{.state = BatchState::cancelled};
    if (firstOpen(steps_) != nullptr) return std::nullopt;
    return Outcome{.state = BatchState::completed};
}

void Runner::runFinally(const Outcome& outcome) {
    signal_.answerCancel();
    scope_.batch["state"] = toString(outcome.state);
    finally_driver_.run();
}

void Runner::finish(const Outcome& outcome) {
    HeldArtifacts held(environment_);
    const bool holds = environment_.holds_artifacts;
    std::vector<ArtifactRow> copied;
    if (holds && outcome.state == BatchState::completed)
        environment_.epoch == 0 ? held.publish() : static_cast<void>(copied = held.copied());
    // If the apply of an ended batch fails, its decisions do not count, and the trail is as before.
    const bool counts = outcome.state == BatchState::completed || !holds;
    const auto decisions = counts ? writeDecisions(environment_) : std::nullopt;
    environment_.link.editAndWait([&](Change& change) {
        change.artifacts = std::move(copied);
        if (decisions) change.artifacts.push_back(*decisions);
        change.state = outcome.state;
        change.events.push_back(finalEvent(outcome));
    });
    if (holds) held.remove();
}

// Nothing runs, nobody asked to stop, and what is left is held.
bool Runner::waitsForPeople() const {
    return !signal_.reason() && !diskError() &&
           std::ranges::any_of(steps_, [this](const Step& step) {
               return step.state == StageState::pending && hold_.holds(step);
           });
}

// The process ends; people decide, and an apply starts the next one.
void Runner::review() {
    faultPoint("runner.review");
    const auto decisions = writeDecisions(environment_);  // the trail of a review that takes days
    environment_.link.editAndWait([&](Change& change) {
        if (decisions) change.artifacts.push_back(*decisions);
        change.state = BatchState::reviewing;
        change.events.push_back(
            {.stage = "reviewing", .message = "Waiting for people: " + hold_.open()});
    });
}

// One event, with the error of the disk if that is the reason.
void Runner::interrupt(const std::string& why) {
    auto error = diskError();
    const bool owner_resumes = environment_.owner_resumes;
    if (error) error = withRemedy(std::move(*error), batch_.batch_id, owner_resumes);
    const std::string message =
        error ? error->message : why + "; " + howToContinue(batch_.batch_id, owner_resumes);
    environment_.link.editAndWait([&](Change& change) {
        change.state = BatchState::interrupted;
        change.events.push_back(interruptedEvent(firstOpen(steps_), message, error));
    });
}

std::optional<EventError> Runner::diskError() const {
    if (const auto& error = stage_driver_.fullDisk()) return error;
    if (const auto& error = finally_driver_.fullDisk()) return error;
    if (!data_disk_full_) return std::nullopt;
    return historyError("DISK_FULL");
}

ExpressionScope Runner::scopeNow() const {
    ExpressionScope scope = scope_;
    for (const StageRow& row : environment_.history.stages(batch_.batch_id, batch_.execution))
        addStageValues(scope, row);
    // A kept state may be wrong, such as that of a stage whose files no longer exist.
    for (const auto* steps : {&steps_, &finally_}) {
        for (const Step& step : *steps) scope.stages[step.use->id]["state"] = toString(step.state);
    }
    return scope;
}

}  // namespace sheafline
