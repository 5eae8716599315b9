#include "owner/batch_supervisor.h"

#include <algorithm>
#include <csignal>
#include <utility>

#include <sheafline/error.h>

namespace sheafline {

namespace {

constexpr int kMaxCrashes = 5;  // in one stage
constexpr std::size_t kMostProcesses = 1'000;
constexpr std::chrono::milliseconds kWatch{250};
constexpr std::chrono::seconds kExitPatience{10};  // from the end of its socket to its own

std::string acknowledgement(std::uint64_t id, const std::exception_ptr& refused,
                            std::optional<EventError>& why) {
    WireWriter out;
    out.u64(id).flag(refused != nullptr);
    if (refused) {
        try {
            std::rethrow_exception(refused);
        } catch (const Error& error) {
            out.u64(static_cast<std::uint64_t>(error.errorClass()))
                .text(error.code())
                .text(error.what());
            why = EventError{.code = error.code(), .message = error.what()};
        }
    }
    return out.bytes();
}

}  // namespace

BatchSupervisor::BatchSupervisor(BatchChildOptions options, History& history,
                                 const DataFolder& folder, Log& log,
                                 std::function<void(BatchState)> ended)
    : options_(std::move(options)),
      history_(history),
      folder_(folder),
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
    if (process_ == nullptr) return;
    sendFrame(process_->socket(), static_cast<std::uint8_t>(LinkFrame::stop),
              WireWriter().u64(static_cast<std::uint64_t>(reason)).bytes());
}

void BatchSupervisor::kill() {
    const std::lock_guard lock(mutex_);
    killed_ = true;
    if (process_ != nullptr) process_->kill(SIGKILL);
}

void BatchSupervisor::superviseLoop() {
    std::optional<BatchState> state;
    while (!state) {
        try {
            state = afterEnd(runOnce());
        } catch (const std::exception& error) {
            log_.error("batch " + options_.batch_id + ": " + error.what());
            state = BatchState::interrupted;
        }
    }
    ended_(*state);
}

ProcessEnd BatchSupervisor::runOnce() {
    Process process(argumentsOf(options_), Process::Group::own);
    {
        const std::lock_guard lock(mutex_);
        process_ = &process;
        if (killed_) process.kill(SIGKILL);
        if (stop_reason_) {
            sendFrame(process.socket(), static_cast<std::uint8_t>(LinkFrame::stop),
                      WireWriter().u64(static_cast<std::uint64_t>(*stop_reason_)).bytes());
        }
    }
    takeFrames(process);
    {
        std::unique_lock lock(mutex_);
        // Its last words are committed, and nobody writes to its socket any more, before it is let
        // go.
        idle_.wait(lock, [this] { return unacknowledged_ == 0; });
        process_ = nullptr;
    }
    ProcessEnd end = process.waitAtMost(kExitPatience);
    if (!killed_for_.empty()) end.text = killed_for_;
    return end;
}

void BatchSupervisor::takeFrames(const Process& process) {
    using Clock = std::chrono::steady_clock;
    killed_for_.clear();
    FrameReader frames(process.socket());
    auto watched = Clock::now();
    while (true) {
        if (waitReadable(process.socket(), kWatch)) {
            if (!frames.fill() || !commitFrames(frames, process)) return;
        } else if (process.ended()) {
            return;  // all is read; a process that it left behind keeps its socket from ending
        }
        if (Clock::now() - watched < kWatch) continue;
        watched = Clock::now();
        watch(process);
    }
}

void BatchSupervisor::watch(const Process& process) {
    if (memoryBytesOf(process.pid()) > options_.memory_bytes) {
        killFor(process, "used more than " + std::to_string(options_.memory_bytes >> 20U) +
                             " MiB of memory, see batch-memory");
    }
    if (groupHasMoreThan(kMostProcesses, process.pid())) {
        killFor(process, "it and its workers had more than " + std::to_string(kMostProcesses) +
                             " processes");
    }
}

// Whether they are what a batch process says.
bool BatchSupervisor::commitFrames(FrameReader& frames, const Process& process) {
    try {
        while (const auto frame = frames.take()) commitFrame(*frame, process.socket());
    } catch (const Error& error) {
        killFor(process, error.what());
        return false;
    }
    return true;
}

void BatchSupervisor::killFor(const Process& process, std::string why) {
    if (killed_for_.empty()) killed_for_ = std::move(why);
    process.kill(SIGKILL);
}

void BatchSupervisor::commitFrame(const Frame& frame, int socket) {
    WireReader in(frame.payload);
    const std::uint64_t id = in.u64();
    Change change = decodeChange(in.text());
    {
        const std::lock_guard lock(mutex_);
        ++unacknowledged_;
    }
    history_.submit(std::move(change), [this, id, socket](const std::exception_ptr& refused) {
        std::optional<EventError> why;
        // The child bounds what is unacknowledged, so this always fits into its socket.
        sendFrame(socket, static_cast<std::uint8_t>(LinkFrame::ack),
                  acknowledgement(id, refused, why));
        const std::lock_guard lock(mutex_);
        if (why && !refused_) refused_ = why;
        --unacknowledged_;
        idle_.notify_all();
    });
}

std::optional<BatchState> BatchSupervisor::afterEnd(const ProcessEnd& end) {
    HistoryReader history(folder_.history());
    const BatchRow batch = history.batch(options_.batch_id).value();
    if (isFinal(batch.state) || batch.state == BatchState::interrupted) return batch.state;
    {
        const std::lock_guard lock(mutex_);
        if (killed_) return batch.state;
        if (refused_) {
            log_.error("batch " + batch.batch_id +
                       ": the history takes no more: " + refused_->message);
            return BatchState::interrupted;
        }
    }
    return crashed(end, batch);
}

// The state in which the batch ends here, or nothing where it goes on in a new process.
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
    Change change{.batch_id = batch.batch_id};
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
            // The others are still owed, and the batch ends as its work ended.
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
    // It crashes outside of any stage, so that not even the owed `finally` stages come through.
    const Outcome outcome =
        batch.outcome.value_or(Outcome{.state = BatchState::failed, .error = error});
    history_.commit({.batch_id = batch.batch_id,
                     .state = outcome.state,
                     .outcome = outcome,
                     .events = {{.stage = std::string(toString(outcome.state)),
                                 .message = "Batch " + std::string(toString(outcome.state)) + ": " +
                                            error.message,
                                 .error = error}}});
    return outcome.state;
}

}  // namespace sheafline
