#include "workers/local_workers.h"

#include <algorithm>
#include <cmath>
#include <csignal>
#include <dlfcn.h>
#include <poll.h>
#include <stdexcept>
#include <thread>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/fault_point.h>
#include <sheafline/stage.h>
#include <sheafline/utf8.h>

#include "process/process_state.h"
#include "workers/processor_wire.h"

namespace sheafline {

namespace {

using Clock = std::chrono::steady_clock;

// hello: plugin file, base of paths, params. ready: columns. refused: text. task and outcome: as
// written below.
enum class WorkerFrame : std::uint8_t {
    hello = 1,
    ready = 2,
    refused = 3,
    task = 4,
    reading = 5,
    failure = 6
};

constexpr std::size_t kGivenAtOnce = 2;  // one at work, one ready behind it
constexpr std::chrono::milliseconds kMoment{100};
constexpr int kMaxStarts = 3;
constexpr std::chrono::milliseconds kShortestStart{10'000};
constexpr int kSheetsBeforeWorn = 16;
constexpr std::uint64_t kMostOpenFiles = 1'024;
constexpr std::size_t kMostReadingBytes = 16U << 20U;

void send(int socket, WorkerFrame type, const WireWriter& payload) {
    sendFrame(socket, static_cast<std::uint8_t>(type),
              payload.bytes());  // a dead worker shows when its socket ends
}

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
        : process({"worker-process"}, group), frames(process.socket()) {}

    Process process;
    FrameReader frames;
    std::deque<SheetTask> given;  // the first is at work
    Clock::time_point head_since = Clock::now();
    int sheets = 0;     // that it has read
    bool worn = false;  // gets no more: it leaks, and another takes its place
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
      plugin_file_([&] {
          const PluginEntry* entry = plugins.find(PluginKind::processor, spec_.processor.name);
          if (entry == nullptr)
              throw ConfigError("there is no processor '" + spec_.processor.name +
                                "'; see: sheafline plugins list");
          return entry->file;
      }()) {
    workers_.push_back(started());
}

LocalWorkers::~LocalWorkers() = default;

std::unique_ptr<LocalWorkers::Worker> LocalWorkers::started() {
    // Somebody may kill a worker that has barely begun, just as one at work: only one that never
    // gets there is the processor's fault.
    for (int starts = 1;; ++starts) {
        auto worker = std::make_unique<Worker>(use_.group);
        sendFrame(worker->process.socket(), static_cast<std::uint8_t>(WorkerFrame::hello),
                  helloOf(plugin_file_, base_, spec_.processor.params));
        if (const auto answer = firstAnswer(*worker)) {
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

std::optional<Frame> LocalWorkers::firstAnswer(Worker& worker) const {
    const auto limit = std::max(kShortestStart, spec_.sheet_timeout);
    const auto deadline = Clock::now() + limit;
    while (true) {
        if (auto answer = worker.frames.take()) return answer;
        if (waitReadable(worker.process.socket(), kMoment)) {
            if (!worker.frames.fill()) return std::nullopt;
        } else if (worker.process.ended()) {
            return std::nullopt;
        }
        if (Clock::now() < deadline) continue;
        throw Error(ErrorClass::permanent, "PROCESSOR_HUNG",
                    "a worker of the processor '" + spec_.processor.name +
                        "' was not ready within " + inUnits(limit) + " of its start");
    }
}

void LocalWorkers::takeAnswer(const Frame& answer) {
    WireReader in(answer.payload);
    if (answer.type == static_cast<std::uint8_t>(WorkerFrame::refused)) {
        throw Error(ErrorClass::permanent, "PROCESSOR_REFUSED",
                    "the processor '" + spec_.processor.name + "' refuses: " + in.text());
    }
    columns_ = readTexts(in);
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

void LocalWorkers::feed(Worker& worker, const std::function<std::optional<SheetTask>()>& next) {
    while (worker.given.size() < kGivenAtOnce && !worker.worn) {
        auto task = nextTask(next);
        if (!task) return;
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
            at_work = at_work || !worker->given.empty();
            sockets.push_back({.fd = worker->process.socket(), .events = POLLIN, .revents = 0});
        }
        if (!at_work) return;
        // The others start when the first has its hands full: a batch of three sheets needs no more
        // than that.
        if (!source_empty_ && workers_.size() < static_cast<std::size_t>(spec_.count)) {
            workers_.push_back(started());
            continue;
        }
        ::poll(sockets.data(), sockets.size(), static_cast<int>(kMoment.count()));
        for (std::size_t i = 0; i < sockets.size(); ++i) {
            if (sockets[i].revents != 0) receive(*workers_[i], done);
            replaceWhereNeeded(workers_[i]);
        }
        if (Clock::now() - watched < kMoment) continue;
        watched = Clock::now();
        for (auto& worker : workers_) {
            watch(*worker, done);
            replaceWhereNeeded(worker);
        }
    }
}

void LocalWorkers::replaceWhereNeeded(std::unique_ptr<Worker>& worker) {
    const bool gone = worker->process.pid() < 0;
    if (gone || (worker->worn && worker->given.empty())) worker = started();
}

void LocalWorkers::receive(Worker& worker, const Done& done) {
    const bool alive = worker.frames.fill();
    try {
        while (const auto frame = worker.frames.take()) takeOutcome(worker, *frame, done);
    } catch (const Error& error) {
        if (error.code() != "WIRE") throw;
        // The processor wrote to our socket.
        return killFor(worker, error.what(), done);
    }
    if (!alive) {
        const ProcessEnd end = worker.process.waitAtMost(kMoment);
        bury(worker, "the worker process ended: " + end.text, done);
    }
}

void LocalWorkers::takeOutcome(Worker& worker, const Frame& frame, const Done& done) {
    if (worker.given.empty())
        throw Error(ErrorClass::permanent, "WIRE", "a worker answers what it was not asked");
    WireReader in(frame.payload);
    SheetOutcome outcome{.task = worker.given.front()};
    std::string failure;
    if (frame.type == static_cast<std::uint8_t>(WorkerFrame::reading)) {
        outcome.reading = readReading(in);
        failure = columnsError(outcome.reading, columns_.size());
    } else {
        failure = "the processor failed: " + in.text();
    }
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
    outcome.reading.refusal = why;
    if (!outcome.attempt_failed && task.attempt > 1)
        outcome.reading.refusal += " (" + std::to_string(task.attempt) + " attempts)";
    outcome.reading.confidence = 0;
    done(outcome);
    if (!outcome.attempt_failed || !use_.repeat) return;
    ++task.attempt;
    again_.push_back(std::move(task));
}

void LocalWorkers::bury(Worker& worker, const std::string& why, const Done& done, bool timed_out) {
    if (worker.given.empty()) return;
    SheetTask head = std::move(worker.given.front());
    worker.given.pop_front();
    // Those that only waited behind it go first, and nothing is counted against them.
    for (; !worker.given.empty(); worker.given.pop_back())
        again_.push_front(std::move(worker.given.back()));
    failAttempt(std::move(head), why, done, timed_out);
}

void LocalWorkers::watch(Worker& worker, const Done& done) {
    if (worker.given.empty()) return;
    if (worker.process.ended() &&
        !waitReadable(worker.process.socket(), std::chrono::milliseconds(0))) {
        // A process that it left behind keeps its socket from ending.
        return bury(worker, "the worker process ended: " + worker.process.wait().text, done);
    }
    if (Clock::now() - worker.head_since > spec_.sheet_timeout)
        return killFor(worker, "took longer than " + inUnits(spec_.sheet_timeout), done, true);
    const std::uint64_t memory = memoryBytesOf(worker.process.pid());
    if (memory > spec_.memory_bytes) {
        return killFor(
            worker,
            "used more than " + std::to_string(spec_.memory_bytes >> 20U) + " MiB of memory", done);
    }
    // Better replaced between two sheets than killed at one that is not to blame.
    worker.worn = worker.sheets >= kSheetsBeforeWorn && memory > spec_.memory_bytes / 2;
}

void LocalWorkers::killFor(Worker& worker, const std::string& why, const Done& done,
                           bool timed_out) {
    worker.process.kill(SIGKILL);
    worker.process.wait();
    bury(worker, why, done, timed_out);
}

namespace {

const PluginDescriptor& loadedProcessor(const std::string& file) {
    // The batch's process has looked at this file already; a plugin is never unloaded.
    void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    void* symbol = library == nullptr ? nullptr : ::dlsym(library, "sheafline_plugin");
    if (symbol == nullptr) throw ConfigError("cannot load " + file + ": " + ::dlerror());
    return *static_cast<const PluginDescriptor*>(symbol);
}

void refuseTooLarge(const Reading& reading) {
    std::size_t bytes = reading.flags.size() + reading.evidence.size() + reading.refusal.size();
    for (const std::string& value : reading.values) bytes += value.size();
    if (bytes > kMostReadingBytes)
        throw std::length_error("its reading has " + std::to_string(bytes) + " bytes, more than " +
                                std::to_string(kMostReadingBytes));
}

// The history takes text and numbers, whatever a processor makes of its sheet.
Reading cleaned(Reading reading) {
    if (!std::isfinite(reading.confidence)) reading.confidence = 0;
    for (std::string& value : reading.values) value = cleanUtf8(value);
    for (std::string* text : {&reading.flags, &reading.evidence, &reading.refusal})
        *text = cleanUtf8(*text);
    return reading;
}

void processOne(Processor& processor, const SheetTask& task) {
    faultPoint("worker.sheet");
    WireWriter out;
    try {
        auto rescored = task.before ? processor.rescored(*task.before) : std::nullopt;
        Reading raw = rescored ? std::move(*rescored) : processor.process(task);
        refuseTooLarge(raw);
        writeReading(out, cleaned(std::move(raw)));
        send(kPeerSocket, WorkerFrame::reading, out);
    } catch (const std::exception& error) {
        send(kPeerSocket, WorkerFrame::failure, WireWriter().text(cleanUtf8(error.what())));
    } catch (...) {
        send(kPeerSocket, WorkerFrame::failure,
             WireWriter().text("it threw something that is no std::exception"));
    }
}

}  // namespace

int workSheets() {
    dieWithParent();
    limitOpenFiles(kMostOpenFiles);
    FrameReader frames(kPeerSocket);
    const auto hello = frames.next();
    if (!hello) return 0;
    std::unique_ptr<Processor> processor;
    try {
        WireReader in(hello->payload);
        const PluginDescriptor& plugin = loadedProcessor(in.text());
        const std::filesystem::path base = in.text();
        Params params(readParams(in), base);
        processor = plugin.make_processor(params);
        params.requireAllRead();
    } catch (const std::exception& error) {
        send(kPeerSocket, WorkerFrame::refused, WireWriter().text(error.what()));
        return 0;
    }
    WireWriter ready;
    writeTexts(ready, processor->columns());
    send(kPeerSocket, WorkerFrame::ready, ready);
    const ProcessState before;
    while (const auto frame = frames.next()) {
        WireReader in(frame->payload);
        processOne(*processor, readTask(in));
        before.restore();  // no sheet is to depend on the one before it
    }
    return 0;
}

}  // namespace sheafline
