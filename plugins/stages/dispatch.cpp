// The stage that does the batch's real work: hands every waiting sheet to a worker process and
// stores what it reads.
#include <algorithm>
#include <chrono>
#include <string>

#include <sheafline/plugin.h>

namespace {

using namespace sheafline;  // NOLINT(google-build-using-namespace): a plugin is one file

struct Options {
    std::string executor;
    WorkerSpec workers;

    explicit Options(Params& p)
        : executor(p.choice(
              "executor",
              {.help = "where the workers run", .default_value = "local", .choices = {"local"}})),
          workers(
              {.count = static_cast<int>(
                   p.integer("workers", {.help = "worker processes; 0 is one for each core",
                                         .default_value = "0",
                                         .min = "0",
                                         .max = "1024"})),
               .sheet_timeout = p.duration(
                   "sheet_timeout",
                   {.help = "longest time for one sheet", .default_value = "30s", .min = "100ms"}),
               .memory_bytes =
                   p.size("worker_memory", {.help = "most resident memory of one worker",
                                            .default_value = "2GiB",
                                            .min = "64MiB"}),
               .max_attempts = static_cast<int>(p.integer(
                   "sheet_attempts", {.help = "attempts of a sheet before it is quarantined",
                                      .default_value = "3",
                                      .min = "1",
                                      .max = "100"}))}) {
        workers.processor =
            p.processor("processor", {.help = "what a worker does to a sheet", .required = true});
    }
};

class Dispatch : public Stage {
 public:
    explicit Dispatch(Params& params) : options_(params) {}

    void run(StageRun& run) override {
        SheetTable& sheets = run.sheets();
        const auto pool = run.workers(options_.workers);
        sheets.setColumns(pool->columns());
        say(run);
        int number = 0;
        const auto next = [&]() -> std::optional<SheetTask> {
            while (number < static_cast<int>(sheets.size())) {
                const Sheet sheet = sheets.at(++number);
                if (sheet.state != SheetState::waiting) continue;
                return SheetTask{.number = sheet.number,
                                 .attempt = sheet.attempt + 1,
                                 .path = sheet.path,
                                 .page = sheet.page,
                                 .qr = sheet.qr,
                                 .group = sheet.group};
            }
            return std::nullopt;
        };
        const auto done = [&](const SheetOutcome& outcome) {
            if (outcome.attempt_failed) {
                sheets.countAttempt(outcome.task.number);
                run.log().warning("sheet " + std::to_string(outcome.task.number) + ", attempt " +
                                  std::to_string(outcome.task.attempt) + ": " +
                                  outcome.reading.refusal);
                return;
            }
            sheets.setReading(outcome.task.number, outcome.reading);
            say(run);
        };
        pool->run(next, done, run.stop());
        sheets.flush();
    }

 private:
    static void say(StageRun& run) {
        const std::size_t total = run.sheets().size();
        const std::size_t done = total - run.sheets().count(SheetState::waiting);
        run.progress().publish({.message = "Progress: " + std::to_string(done) + "/" +
                                           std::to_string(total) + " tasks completed",
                                .done = static_cast<double>(done),
                                .total = static_cast<double>(total)});
    }

    const Options options_;
};

}  // namespace

const sheafline::PluginDescriptor sheafline_plugin{
    .kind = PluginKind::stage,
    .name = "dispatch",
    .version = "1.0.0",
    .summary = "hands the sheets to worker processes and stores what they read",
    .stage = ProcessingStage::processing_sheets,
    .weight = 60,
    .restart = Restart::from_item,
    .params = paramsOf<Options>,
    .make_stage = makeStage<Dispatch>};
