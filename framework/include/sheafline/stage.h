// A stage: one step of a batch. Its params were read in its constructor; run() does the work and
// returns, or throws Error. It runs on its own thread in the process of the batch, and may
// start more; all of them end before run() returns. It asks stop() often: within a second at the
// most.
//
//     class CountFiles : public Stage {
//      public:
//         explicit CountFiles(Params& params) : options_(params) {}
//         void run(StageRun& run) override;
//     };
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/error.h>
#include <sheafline/export.h>
#include <sheafline/log.h>
#include <sheafline/params.h>
#include <sheafline/progress.h>
#include <sheafline/sheets.h>
#include <sheafline/worker_pool.h>

namespace sheafline {

// A file that is kept after the batch's cleanup and that people can download. Registering it again
// replaces it.
struct Artifact {
    std::string name{};            // without folders: "math.csv"
    std::filesystem::path path{};  // in the stage's folder; it is moved to the batch's artifacts
};

// One run of one stage; made by the runner.
class SHEAFLINE_API StageRun {
 public:
    virtual ~StageRun();

    virtual std::string_view batchId() const = 0;
    // The name of the batch's input as its sender knows it; empty if there is none.
    virtual std::string_view inputName() const = 0;
    virtual int execution() const = 0;  // 1, and one more for every retry or fix
    virtual const std::filesystem::path& folder() const = 0;  // of this stage, inside the batch
    virtual const std::filesystem::path& batchFolder()
        const = 0;  // the durable folder, with the artifacts
    virtual const std::filesystem::path& workFolder()
        const = 0;                     // the folder that cleanup empties, with the stages' folders
    virtual SheetTable& sheets() = 0;  // thread-safe
    virtual ProgressPublisher& progress() = 0;  // thread-safe

    // The sheets that this run has to do, in order; nothing: all of them. A list is given when
    // people's decisions are applied: what the stage did with the other sheets stays as it is.
    virtual std::optional<std::vector<int>> changedSheets() const = 0;

    // The state of the last durable checkpoint; empty in a new run.
    virtual std::optional<std::string> checkpoint() const = 0;
    // Returns when `state`, and every earlier change to the sheets, is durable.
    virtual void checkpoint(std::string_view state) = 0;

    virtual void artifact(const Artifact& artifact) = 0;
    virtual std::unique_ptr<WorkerPool> workers(const WorkerSpec& spec) = 0;
    virtual std::stop_token stop() const = 0;
    virtual Log& log() = 0;

    // With several servers, a batch can be taken over from one that hangs, and that one does not
    // know it. The number of the lease under which this process works on the batch: it rises with
    // each takeover; 0: the batch has one server, and nothing else works on it. What a stage
    // changes outside of the history carries the number, and a lower one than the stored one is
    // rejected. See docs/writing-plugins.md.
    virtual std::int64_t epoch() const;
    // Returns when the history has confirmed that the batch still belongs to this process. Throws
    // Error (FENCED) if another server has taken it over. Call it before a change that is neither
    // in the history nor carries the epoch.
    virtual void requireOwnership();
    // Folders for files that later runs of the batch need and that are no artifacts. A run writes
    // to the last one; it reads from all of them, the newest last. With one server: batchFolder().
    virtual std::vector<std::filesystem::path> epochFolders() const;
    // The file of an artifact that the batch has; empty if it has none with this name.
    virtual std::optional<std::filesystem::path> artifactFile(std::string_view name) const;

    // For workers on other machines. Throws Error of class permanent if a param contains a secret,
    // or if a file is too large to send.
    virtual ProcessorParcel parcel(const ProcessorUse& use) const = 0;
};

class SHEAFLINE_API Stage {
 public:
    virtual ~Stage();
    // Called before the first stage of a batch runs: throws an Error of class permanent if run()
    // would certainly fail, for example because of a wrong password. Must not change anything, and
    // must stop when asked.
    virtual void preflight(std::stop_token stop);
    // The same once the columns of the finished rows are known, before the first sheet is read.
    virtual void preflightRows(const std::vector<std::string>& columns, std::stop_token stop);
    // The columns of the finished rows after this stage, if it adds some. Default: the same.
    virtual std::vector<std::string> columnsAfter(std::vector<std::string> columns);
    virtual void run(StageRun& run) = 0;
};

// Throws Error of class cancelled if a stop was requested.
SHEAFLINE_API void throwIfStopped(const std::stop_token& stop);

}  // namespace sheafline
