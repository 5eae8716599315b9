#include "owner/batch_supervisor.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include <sheafline/error.h>

#include "history/change_wire.h"
#include "owner/change_check.h"
#include "owner/store_rejection.h"

namespace sheafline {

namespace {

constexpr std::string_view kFenced = "FENCED";
constexpr int kMaxCrashes = 5;  // in one stage
constexpr std::size_t kMostProcesses = 1'000;
constexpr std::chrono::milliseconds kWatch{250};
constexpr std::chrono::seconds kExitPatience{10};  // from the end of its socket to its own
constexpr std::chrono::seconds kAnswerPatience{10};
constexpr std::chrono::seconds kShortagePatience{30};

bool endsRun(BatchState state) { return isFinal(state) || state == BatchState::reviewing; }

}  // namespace

// While it lives, stop() and kill() reach the process.
class BatchSupervisor::Attachment {
 public:
    Attachment(BatchSupervisor& supervisor, Process& process) : supervisor_(supervisor) {
        const std::lock_guard lock(supervisor_.mutex_);
        supervisor_.process_ = &process;
        if (supervisor_.killed_) process.kill();
        if (supervisor_.lease_until_) sendAlive(process.socket(), *supervisor_.lease_until_);
        if (supervisor_.stop_reason_) supervisor_.sendStop();
    }
    // Every Change that it sent is committed, and no thread writes to its socket any more.
    ~Attachment() {
        std::unique_lock lock(supervisor_.mutex_);
        supervisor_.idle_.wait(lock, [this] { return supervisor_.unacknowledged_ == 0; });
        supervisor_.process_ = nullptr;
    }
    Attachment(const Attachment&) = delete;
    Attachment& operator=(const Attachment&) = delete;

 private:
    BatchSupervisor& supervisor_;
};

BatchSupervisor::BatchSupervisor(BatchChildOptions options, History& history,
                                 const DataFolder& folder, DiskReserve& reserve, Log& log,
                                 std::function<void(BatchState)> ended)
    : options_(std::move(options)),
      history_(history),
      folder_(folder),
      reserve_(reserve),
      log_(log),
      ended_(std::move(ended)),
      thread_([this] { superviseLoop(); }) {}

BatchSupervisor::~BatchSupervisor() {
    kill();
    thread_.join();
}

void BatchSupervisor::stop(StopReason reason) {
    const std::lock_guard lock(mutex_);
    stop_reason_ = reason;
    if (process_ != nullptr) sendStop();
}

// With mutex_ held.
void BatchSupervisor::sendStop() {
    last_answer_ = Clock::now();
    sendFrame(process_->socket(), static_cast<std::uint8_t>(LinkFrame::stop),
              WireWriter().u64(static_cast<std::uint64_t>(*stop_reason_)).bytes());
}

void BatchSupervisor::alive(std::chrono::steady_clock::time_point lease_until) {
    const std::lock_guard lock(mutex_);
    lease_until_ = lease_until;
    if (process_ != nullptr) sendAlive(process_->socket(), lease_until);
}

void BatchSupervisor::kill() {
    const std::lock_guard lock(mutex_);
    killed_ = true;
    if (process_ != nullptr) process_->kill();
    idle_.notify_all();
}

void BatchSupervisor::superviseLoop() {
    std::optional<BatchState> state;
    while (!state) {
        try {
            state = superviseOnce();
        } catch (const std::exception& error) {
            log_.error("batch " + options_.batch_id + ": " + error.what());
            state = BatchState::interrupted;
        }
    }
    ended_(*state);
}

std::optional<BatchState> BatchSupervisor::superviseOnce() {
    std::optional<ProcessEnd> end;
    const auto deadline = [] { return Clock::now() + kShortagePatience; };
    for (const auto until = deadline(); !end;) {
        try {
            end = runOnce();
        } catch (const std::exception& error) {
            if (!isShortage(error) || !waitForResources(error, until)) throw;
        }
    }
    for (const auto until = deadline();;) {
        try {
            return afterEnd(*end);
        } catch (const std::exception& error) {
            if (!isShortage(error) || !waitForResources(error, until)) throw;
        }
    }
}

// Descriptors, processes or the history may be there again in a moment; false after the deadline,
// or when the batch is no longer needed.
bool BatchSupervisor::waitForResources(const std::exception& error, Clock::time_point deadline) {
    if (Clock::now() >= deadline) return false;
    if (!std::exchange(waiting_told_, true))
        log_.warning("batch " + options_.batch_id + " waits and tries again: " + error.what());
    std::unique_lock lock(mutex_);
    const auto over = [this] {
        return killed_ || (stop_reason_ && stop_reason_ != StopReason::cancel);
    };
    return !idle_.wait_for(lock, kWatch, over);
}

ProcessEnd BatchSupervisor::runOnce() {
    Process process(argumentsOf(options_), Process::Group::own);
    waiting_told_ = false;
    last_change_ = 0;
    {
        const Attachment attachment(*this, process);
        takeFrames(process);
    }
    ProcessEnd end = process.waitAtMost(kExitPatience);
    if (!killed_for_.empty()) end.text = killed_for_;
    return end;
}

void BatchSupervisor::takeFrames(const Process& process) {
    killed_for_.clear();
    FrameReader frames(process.socket());
    auto watched = Clock::now();
    while (true) {
        if (waitReadable(process.socket(), kWatch)) {
            if (!frames.fill() || !commitFrames(frames, process)) return;
        } else if (process.ended()) {
            return;
        }
        if (Clock::now() - watched < kWatch) continue;
        watched = Clock::now();
        watch(process);
    }
}

void BatchSupervisor::watch(const Process& process) {
    if (process.memoryBytes() > options_.memory_bytes) {
        killFor(process, "used more than " + std::to_string(options_.memory_bytes >> 20U) +
                             " MiB of memory, see batch-memory");
    }
    if (process.groupHasMoreThan(kMostProcesses)) {
        killFor(process, "it and its workers had more than " + std::to_string(kMostProcesses) +
                             " processes");
    }
    checkAnswer(process);
}

// A process that was asked to stop answers pings, however busy its stages are.
void BatchSupervisor::checkAnswer(const Process& process) {
    bool silent = false;
    {
        const std::lock_guard lock(mutex_);
        if (!stop_reason_) return;
        silent = Clock::now() - last_answer_ > kAnswerPatience;
        sendFrame(process.socket(), static_cast<std::uint8_t>(LinkFrame::ping), {});
    }
    if (silent) {
        killFor(process, "did not answer within " + std::to_string(kAnswerPatience.count()) +
                             " s of a stop");
    }
}

// Whether all of them were valid.
bool BatchSupervisor::commitFrames(FrameReader& frames, const Process& process) {
    try {
        while (const auto frame = frames.take()) takeFrame(*frame, process.socket());
    } catch (const std::exception& error) {
        killFor(process, error.what());
        return false;
    }
    return true;
}

void BatchSupervisor::killFor(const Process& process, std::string why) {
    if (killed_for_.empty()) killed_for_ = std::move(why);
    process.kill();
}

void BatchSupervisor::takeFrame(const Frame& frame, int socket) {
    WireReader in(frame.payload);
    if (frame.type == static_cast<std::uint8_t>(LinkFrame::pong)) {
        in.requireEnd();
        const std::lock_guard lock(mutex_);
        last_answer_ = Clock::now();
        return;
    }
    if (frame.type != static_cast<std::uint8_t>(LinkFrame::change))
        WireReader::fail("an unknown type");
    const std::uint64_t id = in.u64();
    if (id != last_change_ + 1) WireReader::fail("a number out of order");
    last_change_ = id;
    Change change = decodeChange(in.text());
    in.requireEnd();
    checkChange(change, options_.batch_id);
    change.epoch = options_.epoch;
    {
        const std::lock_guard lock(mutex_);
        ++unacknowledged_;
    }
    const auto state = change.state;
    history_.submit(std::move(change), [this, id, socket, state](const auto& rejected) {
        acknowledge(id, socket, state, rejected);
    });
}

void BatchSupervisor::acknowledge(std::uint64_t id, int socket, std::optional<BatchState> state,
                                  const std::exception_ptr& rejected) {
    WireWriter out;
    out.u64(id).flag(rejected != nullptr);
    std::optional<EventError> why;
    if (rejected) {
        why = EventError{.code = "DATABASE"};
        auto error_class = ErrorClass::permanent;
        try {
            std::rethrow_exception(rejected);
        } catch (const Error& rejection) {
            error_class = rejection.errorClass();
            why = EventError{.code = rejection.code(), .message = rejection.what()};
        } catch (const std::exception& rejection) {
            why->message = rejection.what();
        }
        out.u64(static_cast<std::uint64_t>(error_class)).text(why->code).text(why->message);
    }
    // The process bounds what is unacknowledged, so this always fits into its socket.
    sendFrame(socket, static_cast<std::uint8_t>(LinkFrame::ack), out.bytes());
    const std::lock_guard lock(mutex_);
    // Another server runs the batch: nothing of it may go on here.
    if (why && why->code == kFenced && process_ != nullptr) process_->kill();
    if (why && !rejected_) rejected_ = why;
    if (!why && state && endsRun(*state)) ended_as_ = state;
    --unacknowledged_;
    idle_.notify_all();
}

std::optional<BatchState> BatchSupervisor::afterEnd(const ProcessEnd& end) {
    HistoryReader history(folder_.history());
    const BatchRow batch = history.batch(options_.batch_id).value();
    if (endsRun(batch.state) || batch.state == BatchState::interrupted) return batch.state;
    ProcessEnd cause = end;
    std::optional<EventError> rejection;
    {
        const std::lock_guard lock(mutex_);
        // People have already asked for the next run, which is not part of this one.
        if (ended_as_) return ended_as_;
        if (killed_) return batch.state;
        rejection = std::exchange(rejected_, std::nullopt);
    }
    if (rejection && rejection->code == kFenced) return batch.state;
    if (rejection && isOfDisk(rejection->code)) {
        storeRejection(
            batch, *rejection, options_.owner_resumes,
            {.history = history_, .reserve = reserve_, .log = log_, .epoch = options_.epoch});
        return BatchState::interrupted;
    }
    if (rejection) cause.text = rejection->message;
    return crashed(cause, batch);
}

// The state in which the batch ends; empty if it continues in a new process.
std::optional<BatchState> BatchSupervisor::crashed(const ProcessEnd& end, const BatchRow& batch) {
    HistoryReader history(folder_.history());
    const auto stages = history.stages(batch.batch_id, batch.execution);
    const auto at_work = std::find_if(stages.begin(), stages.end(), [](const StageRow& stage) {
        return stage.state == StageState::running;
    });
    const bool known = at_work != stages.end();
    const int crashes = known ? at_work->crashes + 1 : ++startless_crashes_;
    EventError error{.code = "STAGE_CRASHED",
                     .message = "the batch's process was lost (" + end.text + ")" +
                                (known ? " in stage " + at_work->stage_id : ""),
                     .stage = known ? at_work->stage_id : ""};
    log_.warning("batch " + batch.batch_id + ": " + error.message);
    Change change{.batch_id = batch.batch_id, .epoch = options_.epoch};
    if (known) change.stages.push_back({.stage_id = at_work->stage_id, .crashed = true});
    options_.resumed_because =
        error.message + ", crash " + std::to_string(crashes) + " of " + std::to_string(kMaxCrashes);
    if (crashes >= kMaxCrashes) {
        error.message += ", " + std::to_string(crashes) + " times";
        if (!known) return endHere(batch, error);
        options_.resumed_because.clear();
        change.stages.back().state = StageState::failed;
        change.stages.back().error = error.message;
        if (!at_work->in_finally) {
            change.outcome = Outcome{.state = BatchState::failed, .error = error};
        } else {
            // The other `finally` stages still run, and the batch ends as its work ended.
            change.events.push_back(
                {.stage_id = at_work->stage_id,
                 .stage = at_work->stage,
                 .message = "Warning: stage " + at_work->stage_id + " failed: " + error.message,
                 .attempt = at_work->attempt,
                 .error = error});
        }
    }
    history_.commit(std::move(change));
    return std::nullopt;
}

BatchState BatchSupervisor::endHere(const BatchRow& batch, const EventError& error) {
    // It crashes outside of any stage, so not even the `finally` stages can run.
    const Outcome outcome =
        batch.outcome.value_or(Outcome{.state = BatchState::failed, .error = error});
    history_.commit({.batch_id = batch.batch_id,
                     .epoch = options_.epoch,
                     .state = outcome.state,
                     .outcome = outcome,
                     .events = {{.stage = std::string(toString(outcome.state)),
                                 .message = "Batch " + std::string(toString(outcome.state)) + ": " +
                                            error.message,
                                 .error = error}}});
    return outcome.state;
}

}  // namespace sheafline
