// A WorkerPool of processes on this machine. Whatever a worker sends is checked as untrusted input:
// a worker that breaks the protocol is killed and costs one attempt of its sheet.
#pragma once

#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <sheafline/worker_pool.h>

#include "plugins/plugin_catalog.h"
#include "process/process.h"
#include "process/wire.h"
#include "workers/readable_folders.h"

namespace sheafline {

struct LocalWorkersUse {
    // Whether the pool itself repeats a failed attempt; otherwise it only reports the attempt.
    bool repeat = true;
    // An own group for each process keeps the terminal's Ctrl-C away from it.
    Process::Group group = Process::Group::same;
};

class LocalWorkers : public WorkerPool {
 public:
    // Starts the first process, to learn the columns. Relative paths among the params start at
    // `base`.
    LocalWorkers(WorkerSpec spec, const PluginCatalog& plugins, std::filesystem::path base,
                 LocalWorkersUse use = {});
    ~LocalWorkers() override;

    std::vector<std::string> columns() override { return columns_; }
    void run(const std::function<std::optional<SheetTask>()>& next,
             const std::function<void(const SheetOutcome&)>& done, std::stop_token stop) override;

 private:
    struct Worker;
    using Done = std::function<void(const SheetOutcome&)>;

    std::unique_ptr<Worker> newProcess(const std::stop_token& stop) const;
    std::unique_ptr<Worker> started(const std::stop_token& stop);
    std::optional<Frame> firstAnswer(Worker& worker, const std::stop_token& stop) const;
    void takeAnswer(const Frame& answer);
    bool mayRead(Worker& worker, const SheetTask& task);
    void feed(Worker& worker, const std::function<std::optional<SheetTask>()>& next);
    std::optional<SheetTask> nextTask(const std::function<std::optional<SheetTask>()>& next);
    void receive(Worker& worker, const Done& done);
    void takeOutcome(Worker& worker, const Frame& frame, const Done& done);
    void replaceWhereNeeded(std::unique_ptr<Worker>& worker, const std::stop_token& stop);
    void failAttempt(SheetTask task, const std::string& why, const Done& done,
                     bool timed_out = false);
    void returnSheets(Worker& worker, const std::string& why, const Done& done,
                      bool timed_out = false);
    void watch(Worker& worker, const Done& done);
    void killFor(Worker& worker, const std::string& why, const Done& done, bool timed_out = false);

    const LocalWorkersUse use_;
    const WorkerSpec spec_;
    const std::filesystem::path base_;
    const PluginEntry& plugin_;
    std::vector<std::string> columns_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::deque<SheetTask> again_;  // sheets whose attempt failed, or that waited behind one
    bool source_empty_ = false;
    ReadableFolders folders_;  // of the sheets so far, if the processor is confined
};
}  // namespace sheafline
