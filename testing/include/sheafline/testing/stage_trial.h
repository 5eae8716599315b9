// Runs one stage from its built plugin, without a pipeline. Params, sheets and the checkpoint are
// in memory; files are in a temporary folder. Each run makes a new stage, as a new process does.
// One thread.
//
//     StageTrial trial("build/list_sheets.so", {{"file", "all.txt"}});
//     trial.addSheet("a.jpg");
//     CHECK(trial.run().code == "done");
//     CHECK(trial.artifact("all.txt") == "a.jpg\n");
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/testing/call_watch.h>
#include <sheafline/testing/given_params.h>
#include <sheafline/testing/memory_stage_run.h>
#include <sheafline/testing/outcome.h>
#include <sheafline/testing/plugin_file.h>
#include <sheafline/testing/trial_folder.h>

namespace sheafline::testing {

class StageTrial {
 public:
    explicit StageTrial(const std::filesystem::path& plugin, GivenParams params = {});

    // Before a run.
    void set(const std::string& name, GivenParam value) { params_[name] = std::move(value); }
    void write(const std::filesystem::path& name, std::string_view bytes) {
        folder_.write(name, bytes);
    }
    // Adds a sheet, with a file of these bytes. The list is frozen when the stage runs; do not add
    // sheets for a stage that lists them itself.
    void addSheet(const std::string& file, std::string_view bytes = {});
    // A processor that the stage starts workers with.
    void addProcessor(const std::filesystem::path& plugin) {
        run_.addProcessor(PluginFile(plugin));
    }

    // Runs. The code is "done", or that of the Error; WRONG_PARAM for a ConfigError.
    Outcome preflight();
    Outcome run();
    // Requests a stop before call number `call` (see CallWatch); a stage that notices it ends with
    // the code CANCELLED.
    Outcome runStoppedAt(int call);
    // Runs in a child process that kill -9 ends before call number `call`: "killed", or what run()
    // returns if there are fewer calls. Only what was durable remains. This process must have one
    // thread.
    Outcome runKilledAt(int call);
    // The calls of the last run(), or runStoppedAt(), in order.
    std::vector<std::string> calls() const { return calls_.names(); }

    // After a run.
    MemorySheets& sheets() { return run_.sheets(); }
    MemoryStageRun& stageRun() { return run_; }
    const std::filesystem::path& folder() const { return folder_.path(); }
    std::string file(const std::string& name) const;  // in the stage's folder
    std::string artifact(const std::string& name) const;
    std::vector<std::string> messages() const;  // of all events, in order
    // Sheets, readings, rows and artifacts as one text, to compare runs.
    std::string result() const;

 private:
    void prepare();
    void keepState(const Outcome& outcome);
    Outcome runOnce();

    TrialFolder folder_{};
    CallWatch calls_{};
    const PluginFile plugin_;
    GivenParams params_;
    MemoryStageRun run_;
};

enum class Interruption { kill, stop };

// Runs the stage without an interruption, and then once for each of its calls: interrupted there
// and run again to its end. `prepare` adds params and sheets to each new trial. Returns one line
// for each call after which the result differs; none: the stage survives everywhere.
std::vector<std::string> differencesAfter(Interruption interruption,
                                          const std::filesystem::path& plugin,
                                          const std::function<void(StageTrial&)>& prepare);

}  // namespace sheafline::testing
