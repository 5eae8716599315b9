#include "owner/owner.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <Poco/Environment.h>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>
#include <sheafline/progress.h>

#include "base/database_file.h"
#include "base/field_log.h"
#include "batch/resume_plan.h"
#include "history/stores/store_id.h"

namespace sheafline {

Owner::Owner(OwnerOptions options, const PluginCatalog& plugins, Log& log)
    : options_([&] {
          options.folder.prepare();
          return std::move(options);
      }()),
      plugins_(plugins),
      log_(log),
      lock_(options_.folder, options_.command),
      reserve_(options_.folder.reserve(), options_.most_running),
      history_(
          [this] {
              if (options_.set_aside_history) setHistoryAside();
              return options_.folder.history();
          }(),
          lock_.identity().id),
      leases_(options_.folder.history().url.empty()
                  ? nullptr
                  : std::make_unique<Leases>(
                        options_.folder.history(), lock_.identity().id,
                        options_.command + " on " + Poco::Environment::nodeName(), log)),
      plugin_sinks_({options_.plugin_folders.begin() +
                         static_cast<std::ptrdiff_t>(std::min(options_.given_plugin_folders,
                                                              options_.plugin_folders.size())),
                     options_.plugin_folders.end()}),
      control_(std::make_unique<ControlSocket>(
          options_.folder.controlSocket(),
          [this](const std::string& request) { return answer(request); })) {
    history_.onFullDisk([this] { return makeRoom(); });
    requireStore(options_.folder);
    if (leases_) listenToLeases();
}

// A batch lives as long as its lease: its process ends itself when it hears nothing.
void Owner::listenToLeases() {
    const auto with = [this](const std::string& name, const auto& act) {
        const std::lock_guard lock(mutex_);
        for (const auto& [id, supervisor] : supervisors_)
            if (batchLease(id) == name) act(*supervisor);
    };
    leases_->listen({.renewed =
                         [with](const std::string& name, Leases::Time until) {
                             with(name, [&](BatchSupervisor& batch) { batch.alive(until); });
                         },
                     .lost =
                         [with](const std::string& name) {
                             with(name, [](BatchSupervisor& batch) { batch.kill(); });
                         }});
}

void Owner::setHistoryAside() {
    const sql::Place place = options_.folder.history();
    if (!place.url.empty()) return;  // PostgreSQL checks its own files
    const auto damage = damageOf(place.file);
    if (!damage) return;
    log_.error("the history is damaged (" + *damage + ") and was set aside as " +
               setDamagedFileAside(place.file).string() + "; an empty history takes its place");
}

Owner::~Owner() {
    control_.reset();
    if (leases_) leases_->listen({});
    if (full_disk_.joinable()) full_disk_.join();
    supervisors_.clear();
    for (const auto& sink : sinks_) sink->askToStop();  // at the same time: one may hang
    sinks_.clear();
}

void Owner::addSink(SinkFeedOptions options, std::unique_ptr<Sink> sink) {
    if (options.durable) options.leases = leases_.get();
    auto feed = std::make_unique<SinkFeed>(std::move(options), std::move(sink), history_,
                                           options_.folder.history(), log_);
    const std::lock_guard lock(sinks_mutex_);
    sinks_.push_back(std::move(feed));
}

bool Owner::drainSinks(std::chrono::milliseconds patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    bool drained = true;
    const std::lock_guard lock(sinks_mutex_);
    for (const auto& sink : sinks_) drained = sink->drain(deadline) && drained;
    return drained;
}

void Owner::dropSinks(const std::string& batch_id, std::chrono::milliseconds patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    std::vector<std::unique_ptr<SinkFeed>> own;  // waited for without the lock
    {
        const std::lock_guard lock(sinks_mutex_);
        const auto first =
            std::stable_partition(sinks_.begin(), sinks_.end(),
                                  [&](const auto& sink) { return sink->batchId() != batch_id; });
        std::move(first, sinks_.end(), std::back_inserter(own));
        sinks_.erase(first, sinks_.end());
    }
    std::erase_if(own, [&](const auto& sink) { return sink->drain(deadline); });
    const std::lock_guard lock(sinks_mutex_);
    std::ranges::move(own, std::back_inserter(sinks_));
}

bool Owner::hasSinks(const std::string& batch_id) {
    const std::lock_guard lock(sinks_mutex_);
    return std::ranges::any_of(sinks_,
                               [&](const auto& sink) { return sink->batchId() == batch_id; });
}

std::vector<SinkState> Owner::sinkStates() {
    std::vector<SinkState> states;
    const std::lock_guard lock(sinks_mutex_);
    states.reserve(sinks_.size());
    for (const auto& sink : sinks_) states.push_back(sink->state());
    return states;
}

void Owner::start(const std::string& batch_id, const std::string& resumed_because,
                  std::int64_t epoch) {
    if (!resumed_because.empty()) openChanged(batch_id, epoch);
    logStart(batch_id, resumed_because);
    BatchChildOptions child{.data_folder = options_.folder.data(),
                            .work_folder = options_.folder.work(batch_id).parent_path(),
                            .plugin_folders = options_.plugin_folders,
                            .batch_id = batch_id,
                            .resumed_because = resumed_because,
                            .log = options_.log,
                            .owner_resumes = options_.resumes_batches,
                            .epoch = epoch,
                            .memory_bytes = options_.batch_memory_bytes};
    const std::lock_guard lock(mutex_);
    ended_.erase(batch_id);
    supervisors_[batch_id] =
        std::make_unique<BatchSupervisor>(std::move(child), history_, options_.folder, reserve_,
                                          log_, [this, batch_id](BatchState state) {
                                              logEnd(batch_id, state);
                                              const std::lock_guard ended_lock(mutex_);
                                              ended_[batch_id] = state;
                                              end_.notify_all();
                                              if (poke_) poke_();
                                          });
    if (epoch != 0) supervisors_[batch_id]->alive();
}

void Owner::logStart(const std::string& batch_id, const std::string& resumed_because) {
    const auto batch = HistoryReader(options_.folder.history()).batch(batch_id);
    if (!batch) return;
    std::vector<LogField> fields{{"batch", batch_id},
                                 {"pipeline", batch->pipeline},
                                 {"execution", std::to_string(batch->execution)}};
    if (!batch->user.empty()) fields.push_back({"user", batch->user});
    if (!resumed_because.empty()) fields.push_back({"reason", resumed_because});
    logEvent(log_, LogLevel::info, resumed_because.empty() ? "batch started" : "batch resumed",
             fields);
}

// A failed batch is a warning: an operator has to look at it.
void Owner::logEnd(const std::string& batch_id, BatchState state) {
    std::vector<LogField> fields{{"batch", batch_id}};
    try {
        if (const auto batch = HistoryReader(options_.folder.history()).batch(batch_id)) {
            fields.push_back({"pipeline", batch->pipeline});
            fields.push_back({"sheets", std::to_string(batch->sheets_total)});
            fields.push_back({"quarantined", std::to_string(batch->sheets_quarantined)});
            if (state == BatchState::failed && batch->outcome && batch->outcome->error) {
                const EventError& error = *batch->outcome->error;
                fields.push_back({"code", error.code});
                fields.push_back({"stage", error.stage});
                fields.push_back({"error", error.message});
            }
        }
    } catch (const Error& error) {  // the end of the batch stays true without its details
        fields.push_back({"history", error.what()});
    }
    logEvent(log_, state == BatchState::failed ? LogLevel::warning : LogLevel::info,
             "batch " + std::string(toString(state)), fields);
}

void Owner::openChanged(const std::string& batch_id, std::int64_t epoch) {
    HistoryReader reader(options_.folder.history());
    const BatchRow batch = reader.batch(batch_id).value();
    const auto stages = reader.stages(batch_id, batch.execution);
    if (batch.outcome || batch.state == BatchState::cancelling || stages.empty()) return;
    ResumePlan plan;
    try {
        plan = planResume(reader, batch, plugins_, options_.folder);
    } catch (const ConfigError&) {
        return;  // a plugin is missing: the batch's process finds the same, and says so
    }
    auto next = plan.nextExecution();
    if (!next) return;
    const PlannedStage& first = plan.of(next->reruns.front().stage_id);
    history_.commit(
        {.batch_id = batch_id,
         .epoch = epoch,
         .next_execution = std::move(next),
         .events = {{.stage = std::string(toString(ProcessingStage::queued)),
                     .message = "Stage " + first.stage_id + " " +
                                std::string(toString(first.fate)) + ": " + first.why}}});
}

void Owner::changedElsewhere(const std::string& batch_id) {
    std::vector<std::string> ids;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [id, supervisor] : supervisors_)
            if (batch_id.empty() || id == batch_id) ids.push_back(id);
    }
    if (ids.empty()) return;
    HistoryReader reader(options_.folder.history());
    for (const std::string& id : ids) {
        const auto batch = reader.batch(id);
        if (!batch || batch->state != BatchState::cancelling) continue;
        const std::lock_guard lock(mutex_);
        const auto running = supervisors_.find(id);
        if (running != supervisors_.end() && !ended_.contains(id))
            running->second->stop(StopReason::cancel);
    }
}

void Owner::answerRestarts(std::function<void(Change)> restart) {
    const std::lock_guard lock(mutex_);
    restart_ = std::move(restart);
}

void Owner::checkDisk() {
    std::string error_text;
    try {
        DurableFile probe(options_.folder.data() / "probe");
        probe.write(std::string(4096, '.'));
        probe.publish();
        if (!reserve_.restore()) error_text = "the disk of the data folder is full";
    } catch (const Error& error) {
        error_text = std::string("the data folder cannot be written: ") + error.what();
    }
    if (error_text.empty() && options_.folder.hasSharedStore())
        error_text = storeError(options_.folder, identity().id);
    const std::lock_guard lock(mutex_);
    disk_error_ = std::move(error_text);
}

void Owner::setMostRunning(std::size_t most_running) { reserve_.fitTo(most_running); }

std::string Owner::diskError() {
    const std::lock_guard lock(mutex_);
    return disk_error_;
}

bool Owner::makeRoom() {
    if (!reserve_.giveUp()) return false;
    log_.error("the disk of " + options_.folder.data().string() + " is full: all batches stop; " +
               (options_.resumes_batches ? "make room, then they continue by themselves"
                                         : "make room, then resume them"));
    full_disk_ = std::jthread([this] { stopForFullDisk(); });
    return true;
}

// Each batch stores the reason itself, in the event with which it stops.
void Owner::stopForFullDisk() {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, supervisor] : supervisors_) {
        if (!ended_.contains(id)) supervisor->stop(StopReason::disk_full);
    }
}

void Owner::onEnd(std::function<void()> poke) {
    const std::lock_guard lock(mutex_);
    poke_ = std::move(poke);
}

std::map<std::string, BatchState> Owner::takeEnded() {
    std::map<std::string, BatchState> ended;
    std::vector<std::unique_ptr<BatchSupervisor>> over;  // joined after the lock is released
    const std::lock_guard lock(mutex_);
    ended.swap(ended_);
    for (const auto& [id, state] : ended) {
        over.push_back(std::move(supervisors_[id]));
        supervisors_.erase(id);
    }
    return ended;
}

void Owner::answerCancels(std::function<std::string(const std::string&)> cancel) {
    const std::lock_guard lock(cancel_mutex_);
    cancel_ = std::move(cancel);
}

std::string Owner::cancel(const std::string& batch_id) {
    HistoryReader reader(options_.folder.history());
    const auto batch = reader.batch(batch_id);
    if (!batch) return "there is no batch '" + batch_id + "'";
    if (isFinal(batch->state))
        return "the batch '" + batch_id + "' is already " + std::string(toString(batch->state));
    const std::lock_guard lock(mutex_);
    const auto supervisor = supervisors_.find(batch_id);
    if (supervisor == supervisors_.end() || ended_.contains(batch_id)) throwRunsOneBatch();
    if (batch->state != BatchState::cancelling)
        history_.commit(
            {.batch_id = batch_id, .expected = notEnded(), .state = BatchState::cancelling});
    supervisor->second->stop(StopReason::cancel);
    return {};
}

void Owner::interruptAll() {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, supervisor] : supervisors_) supervisor->stop(StopReason::interrupt);
}

void Owner::killAll() {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, supervisor] : supervisors_) supervisor->kill();
}

std::optional<BatchState> Owner::waitFor(const std::string& batch_id,
                                         std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    if (!end_.wait_for(lock, patience, [&] { return ended_.contains(batch_id); }))
        return std::nullopt;
    return ended_.at(batch_id);
}

}  // namespace sheafline
