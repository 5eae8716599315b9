// `workers`: the workers that read sheets for this Redis.
#include <iostream>
#include <sstream>

#include <sheafline/error.h>
#include <sheafline/shown_text.h>
#include <sheafline/work/worker_record.h>

#include "command_parts/exit_status.h"
#include "commands/commands.h"
#include "terminal/text_table.h"

namespace sheafline {

namespace {

std::string rounded(double value) {
    std::ostringstream text;
    text.precision(1);
    text << std::fixed << value;
    return text.str();
}

std::string sheetsOf(const work::WorkerRecord& worker) {
    std::string text;
    for (const work::SheetAtWork& sheet : worker.sheets)
        text += (text.empty() ? "" : " ") + sheet.batch + "/" + std::to_string(sheet.sheet);
    return text.empty() ? "-" : text;
}

}  // namespace

int workersCommand(bool json, const Settings& settings) {
    if (settings.redis.empty())
        throw ConfigError(
            "workers requires --redis URL, SHEAFLINE_REDIS or `redis` in the "
            "configuration file");
    redis::Connection redis(
        {.url = redis::parseRedisUrl(settings.redis), .name = "sheafline-workers"});
    std::vector<TableRow> rows{
        {"WORKER", "STATE", "SLOTS", "DONE", "FAILED", "SHEETS/S", "SEEN", "SHEETS"}};
    const auto workers = work::workerRecords(redis);
    for (const work::WorkerRecord& worker : workers) {
        if (json) std::cout << work::jsonOf(worker) << '\n';
        rows.push_back({worker.name, worker.state, std::to_string(worker.concurrency),
                        std::to_string(worker.done), std::to_string(worker.failed),
                        rounded(worker.rate_per_second), rounded(worker.seen_seconds_ago) + " s",
                        sheetsOf(worker)});
    }
    if (json) return kDone;
    writeTable(std::cout, rows);
    for (const work::WorkerRecord& worker : workers) {
        for (const work::RejectedOrder& rejected : worker.rejects)
            std::cout << worker.name << " does not read batch " << shownText(rejected.batch) << ": "
                      << shownText(rejected.reason) << '\n';
    }
    return kDone;
}

}  // namespace sheafline
