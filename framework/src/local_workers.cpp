#include "local_workers.h"

#include <algorithm>
#include <csignal>
#include <dlfcn.h>
#include <fstream>
#include <poll.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/fault_point.h>
#include <sheafline/stage.h>

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
constexpr int kPollMs = 100;
constexpr int kMaxStarts = 3;

void send(int socket, WorkerFrame type, const WireWriter& payload) {
    sendFrame(socket, static_cast<std::uint8_t>(type),
              payload.bytes());  // a dead worker shows when its socket ends
}

std::string helloOf(const std::filesystem::path& plugin, const std::filesystem::path& base,
                    const ParamValues& params) {
    WireWriter out;
    out.text(plugin.native()).text(base.native()).u64(params.size());
    for (const auto& [name, value] : params) {
        out.text(name).flag(value.is_list).text(value.text).u64(value.list.size());
        for (const std::string& item : value.list) out.text(item);
    }
    return out.bytes();
}

ParamValues readParams(WireReader& in) {
    ParamValues params;
    for (std::uint64_t left = in.u64(); left > 0; --left) {
        ParamValue& value = params[in.text()];
        value.is_list = in.flag();
        value.text = in.text();
        for (std::uint64_t items = in.u64(); items > 0; --items) value.list.push_back(in.text());
    }
    return params;
}

std::vector<std::string> readTexts(WireReader& in) {
    std::vector<std::string> texts;
    for (std::uint64_t left = in.u64(); left > 0; --left) texts.push_back(in.text());
    return texts;
}

void writeTexts(WireWriter& out, const std::vector<std::string>& texts) {
    out.u64(texts.size());
    for (const std::string& text : texts) out.text(text);
}

std::uint64_t residentBytes(pid_t pid) {
    std::ifstream statm("/proc/" + std::to_string(pid) + "/statm");
    std::uint64_t total = 0;
    std::uint64_t resident = 0;
    statm >> total >> resident;
    return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::string inUnits(std::chrono::milliseconds time) {
    return time.count() % 1000 == 0 ? std::to_string(time.count() / 1000) + " s"
                                    : std::to_string(time.count()) + " ms";
}

}  // namespace

struct LocalWorkers::Worker {
    Worker() : process({"worker-process"}, Process::Group::same), frames(process.socket()) {}

    Process process;
    FrameReader frames;
    std::deque<SheetTask> given;  // the first is at work
    Clock::time_point head_since = Clock::now();
};

LocalWorkers::LocalWorkers(WorkerSpec spec, const PluginCatalog& plugins,
                           std::filesystem::path base)
    : spec_([&] {
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
        auto worker = std::make_unique<Worker>();
        sendFrame(worker->process.socket(), static_cast<std::uint8_t>(WorkerFrame::hello),
                  helloOf(plugin_file_, base_, spec_.processor.params));
        const auto answer = worker->frames.next();
        if (answer) {
            takeAnswer(*answer);
            return worker;
        }
        const std::string end = worker->process.wait().text;
        if (starts < kMaxStarts) continue;
        throw Error(ErrorClass::permanent, "PROCESSOR_CRASHED",
                    "a worker of the processor '" + spec_.processor.name +
                        "' ended at its start, " + std::to_string(starts) + " times: " + end);
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
    while (worker.given.size() < kGivenAtOnce) {
        auto task = nextTask(next);
        if (!task) return;
        if (worker.given.empty()) worker.head_since = Clock::now();
        send(worker.process.socket(), WorkerFrame::task,
             WireWriter()
                 .i64(task->number)
                 .i64(task->attempt)
                 .text(task->path.native())
                 .i64(task->page)
                 .text(task->qr)
                 .text(task->group));
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
        ::poll(sockets.data(), sockets.size(), kPollMs);
        for (std::size_t i = 0; i < sockets.size(); ++i) {
            if (sockets[i].revents != 0) receive(*workers_[i], done);
            if (workers_[i]->process.pid() < 0) workers_[i] = started();
        }
        if (Clock::now() - watched < std::chrono::milliseconds(kPollMs)) continue;
        watched = Clock::now();
        for (auto& worker : workers_) {
            watch(*worker, done);
            if (worker->process.pid() < 0) worker = started();
        }
    }
}

void LocalWorkers::receive(Worker& worker, const Done& done) {
    const bool alive = worker.frames.fill();
    while (const auto frame = worker.frames.take()) {
        WireReader in(frame->payload);
        SheetTask task = std::move(worker.given.front());
        worker.given.pop_front();
        worker.head_since = Clock::now();
        if (frame->type == static_cast<std::uint8_t>(WorkerFrame::reading)) {
            SheetOutcome outcome{.task = std::move(task)};
            outcome.reading.values = readTexts(in);
            outcome.reading.flags = in.text();
            outcome.reading.confidence = in.real();
            outcome.reading.evidence = in.text();
            outcome.reading.refusal = in.text();
            done(outcome);
        } else {
            failAttempt(std::move(task), "the processor failed: " + in.text(), done);
        }
    }
    if (!alive) {
        const ProcessEnd end = worker.process.wait();
        bury(worker, "the worker process ended: " + end.text, done);
    }
}

void LocalWorkers::failAttempt(SheetTask task, const std::string& why, const Done& done) {
    SheetOutcome outcome{.task = task, .attempt_failed = task.attempt < spec_.max_attempts};
    outcome.reading.refusal =
        outcome.attempt_failed ? why : why + " (" + std::to_string(task.attempt) + " attempts)";
    outcome.reading.confidence = 0;
    done(outcome);
    if (!outcome.attempt_failed) return;
    ++task.attempt;
    again_.push_back(std::move(task));
}

void LocalWorkers::bury(Worker& worker, const std::string& why, const Done& done) {
    if (worker.given.empty()) return;
    SheetTask head = std::move(worker.given.front());
    worker.given.pop_front();
    // Those that only waited behind it go first, and nothing is counted against them.
    for (; !worker.given.empty(); worker.given.pop_back())
        again_.push_front(std::move(worker.given.back()));
    failAttempt(std::move(head), why, done);
}

void LocalWorkers::watch(Worker& worker, const Done& done) {
    if (worker.given.empty()) return;
    std::string why;
    if (Clock::now() - worker.head_since > spec_.sheet_timeout)
        why = "took longer than " + inUnits(spec_.sheet_timeout);
    if (residentBytes(worker.process.pid()) > spec_.memory_bytes) {
        why = "used more than " + std::to_string(spec_.memory_bytes >> 20U) + " MiB of memory";
    }
    if (why.empty()) return;
    worker.process.kill(SIGKILL);
    worker.process.wait();
    bury(worker, why, done);
}

namespace {

const PluginDescriptor& loadedProcessor(const std::string& file) {
    // The batch's process has looked at this file already; a plugin is never unloaded.
    void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    void* symbol = library == nullptr ? nullptr : ::dlsym(library, "sheafline_plugin");
    if (symbol == nullptr) throw ConfigError("cannot load " + file + ": " + ::dlerror());
    return *static_cast<const PluginDescriptor*>(symbol);
}

SheetTask readTask(WireReader& in) {
    SheetTask task;
    task.number = static_cast<int>(in.i64());
    task.attempt = static_cast<int>(in.i64());
    task.path = in.text();
    task.page = static_cast<int>(in.i64());
    task.qr = in.text();
    task.group = in.text();
    return task;
}

void processOne(Processor& processor, const SheetTask& task) {
    faultPoint("worker.sheet");
    WireWriter out;
    try {
        const Reading reading = processor.process(task);
        writeTexts(out, reading.values);
        out.text(reading.flags)
            .real(reading.confidence)
            .text(reading.evidence)
            .text(reading.refusal);
        send(kPeerSocket, WorkerFrame::reading, out);
    } catch (const std::exception& error) {
        send(kPeerSocket, WorkerFrame::failure, WireWriter().text(error.what()));
    } catch (...) {
        send(kPeerSocket, WorkerFrame::failure,
             WireWriter().text("it threw something that is no std::exception"));
    }
}

}  // namespace

int workSheets() {
    dieWithParent();
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
    while (const auto frame = frames.next()) {
        WireReader in(frame->payload);
        processOne(*processor, readTask(in));
    }
    return 0;
}

}  // namespace sheafline
