#include "redis_workers.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <set>
#include <utility>

#include <sheafline/shown_text.h>
#include <sheafline/stage.h>

namespace sheafline {

namespace {

using std::chrono::milliseconds;
using work::WorkerRecord;
using work::WorkOrder;
using work::WorkOutcome;

constexpr std::size_t kLeastWindow = 4;  // sheets in Redis while there is no worker yet
constexpr milliseconds kPoll{200};       // the longest time until a stop is noticed
constexpr milliseconds kBetweenLooks{1'000};
constexpr std::size_t kMostPerSlot = 64;
// Twice the slots, or as many sheets as are read in a fiftieth of a second if that is more:
// otherwise every few quick sheets would cost a round trip to Redis.
std::size_t windowFor(std::size_t slots, std::size_t done, std::chrono::duration<double> time) {
    const auto quick = static_cast<std::size_t>(static_cast<double>(done) / time.count() / 50);
    return std::max({kLeastWindow, 2 * slots, std::min(quick, kMostPerSlot * slots)});
}

// Why a worker does not take this order; empty if it does.
std::string whyUnfit(const WorkerRecord& worker, const WorkOrder& order) {
    if (worker.state == "draining") return "it is draining";
    for (const work::RejectedOrder& rejected : worker.rejects) {
        if (rejected.batch == order.batch) return rejected.reason;
    }
    if (worker.program != order.parcel.program)
        return "it runs sheafline " + worker.program + " instead of " + order.parcel.program;
    const std::string& name = order.parcel.processor.name;
    const auto processor = worker.processors.find(name);
    if (processor == worker.processors.end()) {
        return name == "command" ? "it does not run programs; start it with --processors command"
                                 : "it has no processor " + name;
    }
    if (processor->second != order.parcel.version)
        return "it has " + name + " " + processor->second + " instead of " + order.parcel.version;
    return {};
}

}  // namespace

RedisWorkers::RedisWorkers(redis::ConnectionOptions connection, WorkOrder order,
                           const work::WorkKey& key, int max_attempts, Log& log, Say say_waiting)
    : window_(std::move(connection), std::move(order), key),
      max_attempts_(max_attempts),
      log_(log),
      say_(std::move(say_waiting)),
      window_size_(kLeastWindow) {}

void RedisWorkers::run(const std::function<std::optional<SheetTask>()>& next, const Done& done,
                       std::stop_token stop) {
    source_empty_ = false;
    while (true) {
        throwIfStopped(stop);
        fill(next);
        if (given_.empty() && dead_.empty()) break;
        try {
            step(done);
            backoff_.reset();
        } catch (const redis::RedisError& error) {
            waitForRedis(error, stop);
        }
    }
    try {
        window_.close();
    } catch (const redis::RedisError&) {
        log_.info("the batch's keys in Redis expire within a minute");
    }
}

void RedisWorkers::fill(const std::function<std::optional<SheetTask>()>& next) {
    while (!source_empty_ && given_.size() < window_size_) {
        auto task = next();
        source_empty_ = !task;
        if (!task) return;
        fresh_.push_back(*task);
        given_.emplace(task->number, std::move(*task));
    }
}

void RedisWorkers::step(const Done& done) {
    if (!open_) {
        window_.open();
        open_ = true;
        doubt_ = false;
        looked_ = {};
        fresh_.clear();
        for (const auto& [number, task] : given_) fresh_.push_back(task);
    }
    if (std::exchange(doubt_, false)) findMissing(done);
    give();
    if (Clock::now() - looked_ >= kBetweenLooks) lookAround(done);
    if (!open_ || given_.empty()) return;
    for (WorkOutcome& outcome : window_.take(fresh_.empty() ? kPoll : milliseconds(0)))
        accept(std::move(outcome), done);
}

void RedisWorkers::give() {
    for (; !dead_.empty(); dead_.pop_back())
        window_.addDeadLetter(dead_.back().sheet, dead_.back().attempt, dead_.back().reason);
    open_ = window_.give(fresh_);
    fresh_.clear();
    if (!open_) log_.warning("Redis lost the batch's sheets; they are stored there again");
}

void RedisWorkers::lookAround(const Done& done) {
    const bool there = window_.renew();
    if (!there && open_) log_.warning("Redis lost the batch's sheets; they are stored there again");
    open_ = open_ && there;
    if (open_) findMissing(done);
    look(window_.workers());
}

// Redis may return with only a part of its data. Read the sheets first and the outcomes second: a
// sheet that we wait for and that is in neither is lost.
void RedisWorkers::findMissing(const Done& done) {
    const std::set<int> there = window_.sheets();
    while (true) {
        auto outcomes = window_.take(milliseconds(0));
        if (outcomes.empty()) break;
        for (WorkOutcome& outcome : outcomes) accept(std::move(outcome), done);
    }
    for (const auto& [number, task] : given_) {
        const bool will_be = std::ranges::find(fresh_, number, &SheetTask::number) != fresh_.end();
        if (!there.contains(number) && !will_be) fresh_.push_back(task);
    }
}

void RedisWorkers::look(const std::vector<WorkerRecord>& workers) {
    std::size_t slots = 0;
    std::string reasons;
    std::vector<std::string> lost;
    for (const WorkerRecord& worker : workers) {
        if (worker.state == "lost") {
            lost.push_back(worker.name);
            continue;
        }
        const std::string why = whyUnfit(worker, window_.order());
        if (why.empty()) {
            slots += static_cast<std::size_t>(std::max(0, worker.concurrency));
        } else {
            reasons += (reasons.empty() ? "" : "; ") + worker.name + ": " + why;
        }
    }
    const auto now = Clock::now();
    window_size_ = windowFor(slots, std::exchange(outcomes_, 0), now - std::exchange(looked_, now));
    // Sheets of lost workers are not available to others until they are taken over.
    window_size_ += window_.heldBy(lost);
    if (slots > 0) return sayWaiting("");
    sayWaiting(
        reasons.empty()
            ? "Waiting for a worker: there is none; start one with: sheafline worker --redis URL"
            : "Waiting for a worker: " + reasons);
}

void RedisWorkers::accept(WorkOutcome outcome, const Done& done) {
    const auto given = given_.find(outcome.sheet);
    if (given == given_.end() || given->second.attempt != outcome.attempt) {
        log_.debug("sheet " + std::to_string(outcome.sheet) + ": a second outcome is ignored");
        return;
    }
    SheetTask& task = given->second;
    ++outcomes_;
    SheetOutcome told{.task = task, .reading = std::move(outcome.reading)};
    // Another host is not trusted to have checked the number of values.
    const std::size_t columns = window_.order().columns.size();
    if (outcome.kind == WorkOutcome::Kind::read && told.reading.reason.empty() &&
        told.reading.values.size() != columns) {
        outcome.kind = WorkOutcome::Kind::failed;
        told.reading = {.confidence = 0,
                        .reason = "the processor gave " +
                                  counted(told.reading.values.size(), "value") + " for " +
                                  counted(columns, "column")};
    }
    if (outcome.kind == WorkOutcome::Kind::failed) {
        told.attempt_failed = task.attempt < max_attempts_;
        if (!told.attempt_failed)
            told.reading.reason +=
                " (" + counted(static_cast<std::uint64_t>(task.attempt), "attempt") + ")";
    }
    done(told);
    if (told.attempt_failed) {
        ++task.attempt;
        fresh_.push_back(task);
        return;
    }
    if (outcome.kind != WorkOutcome::Kind::read)
        dead_.push_back(
            {.sheet = task.number, .attempt = task.attempt, .reason = told.reading.reason});
    given_.erase(given);
}

void RedisWorkers::waitForRedis(const redis::RedisError& error, const std::stop_token& stop) {
    if (redis::needsOperator(error.kind())) throw redis::RedisError(error);
    doubt_ = true;
    fresh_.clear();  // they remain in given_
    looked_ = {};
    sayWaiting(std::string("Waiting for Redis: ") + error.what());
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, backoff_.next(), [] { return false; });
}

void RedisWorkers::sayWaiting(const std::string& why) {
    if (std::exchange(waiting_, why) != why) say_(why);
}

}  // namespace sheafline
