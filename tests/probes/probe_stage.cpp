// A stage that does what a test asks for, usually something wrong.
#include <csignal>
#include <fstream>
#include <limits>
#include <string>
#include <thread>
#include <unistd.h>

#include <sheafline/plugin.h>

namespace {

using namespace sheafline;

struct Options {
    std::string act;
    std::int64_t count;
    std::string note;

    explicit Options(Params& p)
        : act(p.choice(
              "act",
              {.help = "what to do",
               .default_value = "nothing",
               .choices = {"nothing",   "sheets",    "note",      "note_artifact", "fail",
                           "fail_once", "transient", "throw_int", "segv",          "segv_once",
                           "hang",      "wait",      "wait_once", "wait_for_file", "ticks",
                           "nan",       "disk_full", "secret",    "preflight",     "checkpoint"}})),
          count(p.integer("count", {.help = "how often", .default_value = "0"})),
          note(p.string("note", {.help = "a line for the note file", .default_value = ""})) {}
};

// Marks that outlive the process, in the folder of the batch.
std::filesystem::path mark(StageRun& run, const std::string& name) {
    return run.batchFolder() / name;
}

class Probe : public Stage {
 public:
    explicit Probe(Params& params) : options_(params) {}

    void preflight(std::stop_token) override {
        if (options_.act == "preflight")
            throw Error(ErrorClass::permanent, "PROBE", "the probe knew it before");
    }

    void run(StageRun& run) override {
        if (!options_.note.empty())
            std::ofstream(mark(run, "notes"), std::ios::app) << options_.note << '\n';
        if (options_.act == "sheets") makeSheets(run);
        if (options_.act == "note_artifact") noteArtifact(run);
        if (options_.act == "fail" || (options_.act == "fail_once" && firstTime(run)))
            throw Error(ErrorClass::permanent, "PROBE", "the probe failed as asked");
        if (options_.act == "transient") failTimes(run);
        if (options_.act == "throw_int") throw 7;
        if (options_.act == "segv" || (options_.act == "segv_once" && firstTime(run)))
            ::raise(SIGSEGV);
        if (options_.act == "hang") std::this_thread::sleep_for(std::chrono::hours(1));
        if (options_.act == "wait" || (options_.act == "wait_once" && firstTime(run)))
            waitForStop(run);
        if (options_.act == "wait_for_file") waitForFile(run);
        if (options_.act == "ticks") ticks(run);
        if (options_.act == "checkpoint")
            run.checkpoint(std::string(static_cast<std::size_t>(options_.count), 'x'));
        if (options_.act == "nan")
            run.progress().publish({.message = "bad \xff text",
                                    .done = std::numeric_limits<double>::quiet_NaN(),
                                    .total = -std::numeric_limits<double>::infinity()});
        if (options_.act == "disk_full" && firstTime(run))
            throwSystemError(ENOSPC, "cannot write math.csv");
        if (options_.act == "secret")
            throw Error(ErrorClass::permanent, "PROBE", "cannot sign in with " + options_.note);
    }

 private:
    static bool firstTime(StageRun& run) {
        const bool first = !std::filesystem::exists(mark(run, "second"));
        std::ofstream(mark(run, "second")) << "yes";
        return first;
    }

    // The notes as an artifact: a stage that does not check whether it has already done its work.
    static void noteArtifact(StageRun& run) {
        std::filesystem::copy_file(mark(run, "notes"), run.folder() / "notes",
                                   std::filesystem::copy_options::overwrite_existing);
        run.artifact({.name = "notes", .path = run.folder() / "notes"});
    }

    void makeSheets(StageRun& run) const {
        run.progress().publish(
            {.message = "start", .done = 0, .total = static_cast<double>(options_.count)});
        std::vector<Sheet> sheets;
        for (std::int64_t i = 1; i <= options_.count; ++i) {
            const auto path = run.folder() / std::to_string(i);
            if (!(std::ofstream(path) << i << std::flush))
                throw Error(ErrorClass::permanent, "DISK_IO", "Input/output error");
            sheets.push_back({.file = "sheet-" + std::to_string(i), .path = path});
        }
        // A failed attempt may have listed the first ones, and cleanup may have removed their files
        // and paths.
        const std::size_t known = run.sheets().size();
        for (std::size_t i = 0; i < known; ++i)
            run.sheets().setPath(static_cast<int>(i) + 1, sheets[i].path);
        sheets.erase(sheets.begin(), sheets.begin() + static_cast<std::ptrdiff_t>(known));
        if (!run.sheets().frozen()) {
            run.sheets().add(std::move(sheets));
            run.sheets().freeze();
        }
        run.progress().publish({.message = "made",
                                .done = static_cast<double>(options_.count),
                                .total = static_cast<double>(options_.count)});
    }

    void failTimes(StageRun& run) const {
        const int before = std::stoi(run.checkpoint().value_or("0"));
        if (before >= options_.count) return;
        run.checkpoint(std::to_string(before + 1));
        throw Error(ErrorClass::transient, "PROBE", "not yet");
    }

    static void waitForStop(StageRun& run) {
        run.progress().publishAndWait({.message = "waiting", .done = 1, .total = 2});
        while (!run.stop().stop_requested())
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        throwIfStopped(run.stop());
    }

    static void waitForFile(StageRun& run) {
        run.progress().publishAndWait({.message = "waiting", .done = 1, .total = 2});
        while (!std::filesystem::exists("go")) {
            throwIfStopped(run.stop());
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    }

    void ticks(StageRun& run) const {
        for (std::int64_t i = 1; i <= options_.count; ++i) {
            run.progress().publish({.message = "tick",
                                    .done = static_cast<double>(i),
                                    .total = static_cast<double>(options_.count)});
        }
    }

    const Options options_;
};

}  // namespace

const sheafline::PluginDescriptor sheafline_plugin{.kind = PluginKind::stage,
                                                   .name = "probe",
                                                   .version = "1.0.0",
                                                   .summary = "does what a test asks for",
                                                   .stage = "probing",
                                                   .restart = Restart::from_checkpoint,
                                                   .rebuilds = true,
                                                   .params = paramsOf<Options>,
                                                   .make_stage = makeStage<Probe>};
