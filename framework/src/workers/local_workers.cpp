#include "workers/local_workers.h"

#include <algorithm>
#include <poll.h>
#include <thread>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/shown_text.h>
#include <sheafline/stage.h>
#include <sheafline/utf8.h>

#include "workers/processor_wire.h"
#include "workers/worker_frames.h"

namespace sheafline {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kGivenAtOnce = 2;  // one in use, one ready
constexpr std::chrono::milliseconds kMoment{100};
constexpr int kMaxStarts = 3;
constexpr std::chrono::milliseconds kShortestStart{10'000};
constexpr int kSheetsBeforeWorn = 16;
constexpr std::chrono::seconds kWorkerShortagePatience{30};

std::string helloOf(const std::filesystem::path& plugin, const std::filesystem::path& base,
                    const ParamValues& params) {
    WireWriter out;
    out.text(plugin.native()).text(base.native());
    writeParams(out, params);
    return out.bytes();
}

std::string inUnits(std::chrono::milliseconds time) {
    return time.count() % 1000 == 0 ? std::to_string(time.count() / 1000) + " s"
                                    : std::to_string(time.count()) + " ms";
}

}  // namespace

struct LocalWorkers::Worker {
    explicit Worker(Process::Group group)
        : process({"worker-process"}, group), frames(process.socket(), kMostWorkerFrameBytes) {}

    Process process;
    FrameReader frames;
    std::deque<SheetTask> given;  // the first is being read
    Clock::time_point head_since = Clock::now();
    int sheets = 0;     // that it has read
    bool worn = false;  // it gets no more sheets, and another worker replaces it
    std::optional<ReadableFolders> readable{};  // once it is confined
};

LocalWorkers::LocalWorkers(WorkerSpec spec, const PluginCatalog& plugins,
                           std::filesystem::path base, LocalWorkersUse use)
    : use_(use),
      spec_([&] {
          if (spec.count <= 0)
              spec.count = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
          return std::move(spec);
      }()),
      base_(std::move(base)),
      plugin_([&]() -> const PluginEntry& {
          const PluginEntry* entry = plugins.find(PluginKind::processor, spec_.processor.name);
          if (entry == nullptr)
              throw ConfigError("there is no processor '" + spec_.processor.name +
                                "'; see: sheafline plugins list");
          return *entry;
      }()) {
    workers_.push_back(started({}));
}

LocalWorkers::~LocalWorkers() = default;

// A moment without descriptors or processes passes; only a lasting one fails the stage.
std::unique_ptr<LocalWorkers::Worker> LocalWorkers::newProcess(const std::stop_token& stop) const {
    const auto deadline = Clock::now() + kWorkerShortagePatience;
    while (true) {
        try {
            return std::make_unique<Worker>(use_.group);
        } catch (const Error& error) {
            if (error.errorClass() != ErrorClass::transient || Clock::now() >= deadline) throw;
        }
        throwIfStopped(stop);
        ::poll(nullptr, 0, static_cast<int>(kMoment.count()));
    }
}

std::unique_ptr<LocalWorkers::Worker> LocalWorkers::started(const std::stop_token& stop) {
    // Another program may kill a worker that has just started. Only a worker that is never ready is
    // an error of the processor.
    for (int starts = 1;; ++starts) {
        auto worker = newProcess(stop);
        sendFrame(worker->process.socket(), static_cast<std::uint8_t>(WorkerFrame::hello),
                  helloOf(plugin_.file, base_, spec_.processor.params));
        if (const auto answer = firstAnswer(*worker, stop)) {
            takeAnswer(*answer);
            return worker;
        }
        const std::string end = worker->process.waitAtMost(kMoment).text;
        if (starts < kMaxStarts) continue;
        throw Error(ErrorClass::permanent, "PROCESSOR_CRASHED",
                    "a worker of the processor '" + spec_.processor.name +
                        "' ended at its start, " + std::to_string(starts) + " times: " + end);
    }
}

std::optional<Frame> LocalWorkers::firstAnswer(Worker& worker, const std::stop_token& stop) const {
    const auto limit = std::max(kShortestStart, spec_.sheet_timeout);
    const auto deadline = Clock::now() + limit;
    while (true) {
        if (auto answer = worker.frames.take()) return answer;
        if (waitReadable(worker.process.socket(), kMoment)) {
            if (!worker.frames.fill()) return std::nullopt;
        } else if (worker.process.ended()) {
            return std::nullopt;
        }
        throwIfStopped(stop);
        if (Clock::now() < deadline) continue;
        throw Error(ErrorClass::permanent, "PROCESSOR_HUNG",
                    "a worker of the processor '" + spec_.processor.name +
                        "' was not ready within " + inUnits(limit) + " of its start");
    }
}

void LocalWorkers::takeAnswer(const Frame& answer) {
    WireReader in(answer.payload);
    if (answer.type == static_cast<std::uint8_t>(WorkerFrame::rejected)) {
        throw Error(ErrorClass::permanent, "PROCESSOR_REFUSED",
                    "the processor '" + spec_.processor.name +
                        "' rejects its params: " + cleanUtf8(in.text()));
    }
    if (answer.type != static_cast<std::uint8_t>(WorkerFrame::ready))
        WireReader::fail("an unknown type");
    std::vector<std::string> columns = readTexts(in);
    in.requireEnd();
    for (std::string& column : columns) column = cleanUtf8(column);
    if (!columns_.empty() && columns != columns_) {
        throw Error(ErrorClass::permanent, "PROCESSOR_COLUMNS",
                    "the processor '" + spec_.processor.name +
                        "' has other columns in a later worker; return the same columns for every "
                        "sheet of a batch");
    }
    columns_ = std::move(columns);
}

std::optional<SheetTask> LocalWorkers::nextTask(
    const std::function<std::optional<SheetTask>()>& next) {
    if (!again_.empty()) {
        SheetTask task = std::move(again_.front());
        again_.pop_front();
        return task;
    }
    if (source_empty_) return std::nullopt;
    auto task = next();
    source_empty_ = !task;
    return task;
}

// Confines a worker with its first sheet, when the folder of the sheets is known. A confined worker
// gets no further rights: for a sheet in another folder, a new worker replaces it.
bool LocalWorkers::mayRead(Worker& worker, const SheetTask& task) {
    if (!plugin_.descriptor->confined || task.path.empty()) return true;
    if (worker.readable) return worker.readable->cover(task.path);
    folders_.add(task.path);
    worker.readable = folders_;
    WireWriter frame;
    writeTexts(frame, folders_.paths());
    send(worker.process.socket(), WorkerFrame::confine, frame);
    return true;
}

void LocalWorkers::feed(Worker& worker, const std::function<std::optional<SheetTask>()>& next) {
    while (worker.given.size() < kGivenAtOnce && !worker.worn) {
        auto task = nextTask(next);
        if (!task) return;
        if (!mayRead(worker, *task)) {
            again_.push_front(std::move(*task));
            worker.worn = true;
            return;
        }
        if (worker.given.empty()) worker.head_since = Clock::now();
        WireWriter frame;
        writeTask(frame, *task);
        send(worker.process.socket(), WorkerFrame::task, frame);
        worker.given.push_back(std::move(*task));
    }
}

void LocalWorkers::run(const std::function<std::optional<SheetTask>()>& next, const Done& done,
                       std::stop_token stop) {
    source_empty_ = false;
    Clock::time_point watched = Clock::now();
    while (true) {
        throwIfStopped(stop);
        std::vector<pollfd> sockets;
        bool at_work = false;
        for (auto& worker : workers_) {
            feed(*worker, next);
            if (worker->worn && worker->given.empty()) {
                replaceWhereNeeded(worker, stop);
                feed(*worker, next);
            }
            at_work = at_work || !worker->given.empty();
            sockets.push_back({.fd = worker->process.socket(), .events = POLLIN, .revents = 0});
        }
        if (!at_work) return;
        // Further workers start when the first is busy: a batch of three sheets needs only one.
        if (!source_empty_ && workers_.size() < static_cast<std::size_t>(spec_.count)) {
            workers_.push_back(started(stop));
            continue;
        }
        ::poll(sockets.data(), sockets.size(), static_cast<int>(kMoment.count()));
        for (std::size_t i = 0; i < sockets.size(); ++i) {
            if (sockets[i].revents != 0) receive(*workers_[i], done);
            replaceWhereNeeded(workers_[i], stop);
        }
        if (Clock::now() - watched < kMoment) continue;
        watched = Clock::now();
        for (auto& worker : workers_) {
            watch(*worker, done);
            replaceWhereNeeded(worker, stop);
        }
    }
}

void LocalWorkers::replaceWhereNeeded(std::unique_ptr<Worker>& worker,
                                      const std::stop_token& stop) {
    const bool gone = worker->process.pid() < 0;
    if (gone || (worker->worn && worker->given.empty())) worker = started(stop);
}

void LocalWorkers::receive(Worker& worker, const Done& done) {
    const bool alive = worker.frames.fill();
    try {
        while (const auto frame = worker.frames.take()) takeOutcome(worker, *frame, done);
    } catch (const Error& error) {
        if (error.code() != "WIRE") throw;
        // The processor wrote to the socket itself.
        return killFor(worker, error.what(), done);
    }
    if (!alive) {
        const ProcessEnd end = worker.process.waitAtMost(kMoment);
        returnSheets(worker, "the worker process ended: " + end.text, done);
    }
}

void LocalWorkers::takeOutcome(Worker& worker, const Frame& frame, const Done& done) {
    WireReader in(frame.payload);
    if (worker.given.empty()) WireReader::fail("an answer without a task");
    SheetOutcome outcome{.task = worker.given.front()};
    std::string failure;
    if (frame.type == static_cast<std::uint8_t>(WorkerFrame::reading)) {
        outcome.reading = readReading(in);
        failure = columnsError(outcome.reading, columns_.size());
    } else if (frame.type == static_cast<std::uint8_t>(WorkerFrame::failure)) {
        failure = "the processor failed: " + cleanUtf8(in.text());
    } else {
        WireReader::fail("an unknown type");
    }
    in.requireEnd();
    worker.given.pop_front();
    worker.head_since = Clock::now();
    ++worker.sheets;
    failure.empty() ? done(outcome) : failAttempt(std::move(outcome.task), failure, done);
}

void LocalWorkers::failAttempt(SheetTask task, const std::string& why, const Done& done,
                               bool timed_out) {
    const bool last = task.attempt >= spec_.max_attempts || (timed_out && !spec_.retry_timeouts);
    SheetOutcome outcome{
        .task = task, .attempt_failed = !use_.repeat || !last, .timed_out = timed_out};
    outcome.reading.reason = why;
    if (!outcome.attempt_failed && task.attempt > 1)
        outcome.reading.reason +=
            " (" + counted(static_cast<std::uint64_t>(task.attempt), "attempt") + ")";
    outcome.reading.confidence = 0;
    done(outcome);
    if (!outcome.attempt_failed || !use_.repeat) return;
    ++task.attempt;
    again_.push_back(std::move(task));
}

void LocalWorkers::returnSheets(Worker& worker, const std::string& why, const Done& done,
                                bool timed_out) {
    if (worker.given.empty()) return;
    SheetTask head = std::move(worker.given.front());
    worker.given.pop_front();
    // The sheets that only waited behind it go to another worker first; they lose no attempt.
    for (; !worker.given.empty(); worker.given.pop_back())
        again_.push_front(std::move(worker.given.back()));
    failAttempt(std::move(head), why, done, timed_out);
}

void LocalWorkers::watch(Worker& worker, const Done& done) {
    if (worker.given.empty()) return;
    if (worker.process.ended() &&
        !waitReadable(worker.process.socket(), std::chrono::milliseconds(0))) {
        return returnSheets(worker, "the worker process ended: " + worker.process.wait().text,
                            done);
    }
    if (Clock::now() - worker.head_since > spec_.sheet_timeout)
        return killFor(worker, "took longer than " + inUnits(spec_.sheet_timeout), done, true);
    const std::uint64_t memory = worker.process.memoryBytes();
    if (memory > spec_.memory_bytes) {
        return killFor(
            worker,
            "used more than " + std::to_string(spec_.memory_bytes >> 20U) + " MiB of memory", done);
    }
    // A leaking worker is replaced between two sheets, before the limit kills it at an innocent
    // one.
    if (worker.sheets >= kSheetsBeforeWorn && memory > spec_.memory_bytes / 2) worker.worn = true;
}

void LocalWorkers::killFor(Worker& worker, const std::string& why, const Done& done,
                           bool timed_out) {
    worker.process.kill();
    worker.process.wait();
    returnSheets(worker, why, done, timed_out);
}

}  // namespace sheafline
