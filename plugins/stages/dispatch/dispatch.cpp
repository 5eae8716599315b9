// The main stage of a batch: gives every waiting sheet to a worker, a process on this or another
// host, and stores its readings.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include <sheafline/plugin.h>
#include <sheafline/redis/connection.h>
#include <sheafline/work/work_order.h>

#include "redis_workers.h"

namespace {

using namespace sheafline;  // NOLINT(google-build-using-namespace): a plugin is one file

struct Options {
    std::string executor;
    std::string redis;
    std::chrono::milliseconds lease;
    std::string sheets;
    WorkerSpec workers;

    explicit Options(Params& p)
        : executor(p.choice("executor", {.help = "where the workers run: on this host, or on every "
                                                 "host that runs `sheafline worker`",
                                         .default_value = "local",
                                         .choices = {"local", "redis"}})),
          redis(p.string("redis", {.help = "redis: its URL; default: the setting redis"})),
          lease(p.duration(
              "lease",
              {.help =
                   "redis: a worker that is silent for this time loses its sheets to the others",
               .default_value = "30s",
               .min = "300ms",
               .max = "1h"})),
          sheets(p.choice("sheets", {.help = "redis: how workers get the images: by their path in "
                                             "a shared folder, over HTTP, or either",
                                     .default_value = "either",
                                     .choices = {"either", "shared", "http"}})),
          workers(
              {.count = static_cast<int>(
                   p.integer("workers", {.help = "worker processes; 0 is one for each core",
                                         .default_value = "0",
                                         .min = "0",
                                         .max = "1024"})),
               .sheet_timeout = p.duration("sheet_timeout", {.help = "longest time for one sheet",
                                                             .default_value = "30s",
                                                             .min = "100ms",
                                                             .max = "1d"}),
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
            p.processor("processor", {.help = "processor that reads the sheets", .required = true});
    }
};

// A sheet is not quarantined because its disk disappeared: if its file is missing, the stage fails
// instead.
void requireFile(int number, const std::filesystem::path& file) {
    std::error_code error;
    if (file.empty() || std::filesystem::exists(file, error)) return;
    throw Error(ErrorClass::permanent, "SHEET_FILE_GONE",
                "the file of sheet " + std::to_string(number) +
                    " no longer exists; restore the work folder, then run: sheafline retry");
}

class Dispatch : public Stage {
 public:
    explicit Dispatch(Params& params) : options_(params) {}

    void preflight(std::stop_token) override {
        if (options_.executor != "redis") return;
        work::WorkKey{work::WorkKey::defaultFile()};  // throws if it cannot be used
        redis::Connection connection(connectionOptions());
        try {
            connection.connect();
        } catch (const redis::RedisError& error) {
            // For anything else the batch waits when it needs Redis, and says so.
            if (redis::needsOperator(error.kind())) throw;
        }
    }

    void run(StageRun& run) override {
        say(run);
        SheetTable& sheets = run.sheets();
        sheets.flush();
        const bool local = options_.executor == "local";
        // Other hosts read sheets; what needs no image is quicker here than sending the work.
        if (!local && any(sheets, Which::to_settle)) settle(run);
        if (sheets.columns().empty() || any(sheets, Which::to_read))
            work(run, *workers(run), Which::to_read);
        if (any(sheets, Which::to_settle)) settle(run);
    }

 private:
    enum class Which {
        to_read,    // they wait for a reading
        to_settle,  // they have one, and wait for new scores or for what people decided
    };

    static bool any(const SheetTable& sheets, Which which) {
        for (int number = 1; number <= static_cast<int>(sheets.size()); ++number) {
            if (sheets.at(number).state != SheetState::waiting) continue;
            if (sheets.reading(number).has_value() == (which == Which::to_settle)) return true;
        }
        return false;
    }

    static std::optional<SheetTask> taskOf(const SheetTable& sheets, int number, Which which) {
        const Sheet sheet = sheets.at(number);
        if (sheet.state != SheetState::waiting) return std::nullopt;
        auto before = sheets.reading(number);
        if (before.has_value() != (which == Which::to_settle)) return std::nullopt;
        if (!before) requireFile(sheet.number, sheet.path);
        SheetTask task{.number = sheet.number,
                       .attempt = sheet.attempt + 1,
                       .path = sheet.path,
                       .page = sheet.page,
                       .qr = sheet.qr,
                       .group = sheet.group,
                       .before = std::move(before)};
        if (task.before) task.decided = sheets.decisions(number);
        return task;
    }

    void settle(StageRun& run) const {
        work(run, *run.workers(options_.workers), Which::to_settle);
    }

    // A sheet must not be lost because its decisions could not be applied.
    static void requireSettled(const SheetOutcome& outcome) {
        if (outcome.task.decided.empty() || outcome.reading.reason.empty()) return;
        throw Error(ErrorClass::permanent, "NOT_SETTLED",
                    "the decisions about sheet " + std::to_string(outcome.task.number) +
                        " cannot be applied: " + outcome.reading.reason +
                        "; undo them, or correct the processor, then apply again");
    }

    static void store(SheetTable& sheets, const SheetOutcome& outcome) {
        requireSettled(outcome);
        const int number = outcome.task.number;
        outcome.task.decided.empty() ? sheets.setReading(number, outcome.reading)
                                     : sheets.settle(number, outcome.reading);
    }

    static void work(StageRun& run, WorkerPool& pool, Which which) {
        SheetTable& sheets = run.sheets();
        sheets.setColumns(pool.columns());
        int number = 0;
        const auto next = [&]() -> std::optional<SheetTask> {
            while (number < static_cast<int>(sheets.size())) {
                if (auto task = taskOf(sheets, ++number, which)) return task;
            }
            return std::nullopt;
        };
        const auto done = [&](const SheetOutcome& outcome) {
            if (!outcome.reading.reason.empty())
                requireFile(outcome.task.number, outcome.task.path);
            if (outcome.attempt_failed) {
                sheets.countAttempt(outcome.task.number);
                run.log().warning("sheet " + std::to_string(outcome.task.number) + ", attempt " +
                                  std::to_string(outcome.task.attempt) + ": " +
                                  outcome.reading.reason);
                return;
            }
            store(sheets, outcome);
            say(run);
        };
        pool.run(next, done, run.stop());
        sheets.flush();
    }

    std::unique_ptr<WorkerPool> workers(StageRun& run) const {
        if (options_.executor == "local") return run.workers(options_.workers);
        work::WorkOrder order{.run = work::newRun(std::string(run.batchId()), run.execution()),
                              .batch = std::string(run.batchId()),
                              .parcel = run.parcel(options_.workers.processor),
                              .columns = columnsOf(run),
                              .sheet_timeout = options_.workers.sheet_timeout,
                              .memory_bytes = options_.workers.memory_bytes,
                              .lease = options_.lease,
                              .sheets = work::sheetWay(options_.sheets)};
        return std::make_unique<RedisWorkers>(
            connectionOptions(), std::move(order), work::WorkKey(work::WorkKey::defaultFile()),
            options_.workers.max_attempts, run.log(), [&run](const std::string& why) {
                ProgressEvent event = progress(run);
                if (!why.empty()) event.message = why;
                run.progress().publishAndWait(std::move(event));
            });
    }

    // Before another host receives the params, a worker of this host validates them and reports the
    // processor's columns.
    std::vector<std::string> columnsOf(StageRun& run) const {
        WorkerSpec one = options_.workers;
        one.count = 1;
        return run.workers(one)->columns();
    }

    redis::ConnectionOptions connectionOptions() const {
        std::string url = options_.redis;
        if (url.empty()) {
            const char* own = std::getenv("SHEAFLINE_REDIS");
            url = own == nullptr ? "" : own;
        }
        if (url.empty())
            throw ConfigError(
                "executor: redis requires the address of Redis: set `redis` in the configuration, "
                "SHEAFLINE_REDIS, or the option redis of the stage");
        return {.url = redis::parseRedisUrl(url), .name = "sheafline-dispatch"};
    }

    static ProgressEvent progress(StageRun& run) {
        const std::size_t total = run.sheets().size();
        const std::size_t done = total - run.sheets().count(SheetState::waiting);
        return {.message = "Progress: " + std::to_string(done) + "/" + std::to_string(total) +
                           " tasks completed",
                .done = static_cast<double>(done),
                .total = static_cast<double>(total)};
    }

    static void say(StageRun& run) { run.progress().publish(progress(run)); }

    const Options options_;
};

}  // namespace

const sheafline::PluginDescriptor sheafline_plugin{
    .kind = PluginKind::stage,
    .name = "dispatch",
    .version = "1.0.0",
    .summary = "gives the sheets to workers, on this host or others, and stores their readings",
    .stage = ProcessingStage::processing_sheets,
    .weight = 60,
    .restart = Restart::from_item,
    .reads_sheets = true,
    .params = paramsOf<Options>,
    .make_stage = makeStage<Dispatch>};
