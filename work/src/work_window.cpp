#include <algorithm>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <sheafline/json_writer.h>
#include <sheafline/work/work_window.h>

#include "base/clocks.h"
#include "work_keys.h"
#include "work_scripts.h"
#include "workers/processor_wire.h"

namespace sheafline::work {

namespace {

using redis::Command;
using redis::Reply;

constexpr int kMostOutcomes = 1'000;
constexpr int kMostDead = 10'000;
// How long the keys of a stage remain that was killed.
constexpr std::chrono::milliseconds kRunLives{60'000};

std::string millis(std::chrono::milliseconds time) { return std::to_string(time.count()); }

std::vector<std::string> keysOf(const std::string& run) {
    return {orderKey(run), filesKey(run), sheetsKey(run), outcomesKey(run)};
}

Command removal(const std::string& run) {
    Command command{"DEL"};
    for (std::string& key : keysOf(run)) command.push_back(std::move(key));
    return command;
}

// Throws the first error reply of a pipeline, as run() would.
void require(const std::vector<Reply>& replies) {
    for (const Reply& reply : replies) {
        if (reply.isError())
            throw redis::RedisError(redis::kindOf(reply.text), redis::answered(reply.text));
    }
}

Command addition(const std::string& run, const SheetTask& task, const WorkKey& key) {
    std::error_code error;
    const auto path = task.path.empty() ? task.path : std::filesystem::absolute(task.path);
    const auto size = std::filesystem::file_size(path, error);
    const std::string number = std::to_string(task.number);
    const std::string attempt = std::to_string(task.attempt);
    const std::string bytes = std::to_string(error ? 0 : size);
    const std::string page = std::to_string(task.page);
    return {
        "XADD",
        sheetsKey(run),
        "NOMKSTREAM",
        "*",
        "sheet",
        number,
        "attempt",
        attempt,
        "path",
        path.native(),
        "bytes",
        bytes,
        "page",
        page,
        "qr",
        task.qr,
        "group",
        task.group,
        "signature",
        key.sign({"sheet", run, number, attempt, path.native(), bytes, page, task.qr, task.group})};
}

// Redis itself creates the outcome `lost`, so it has no signature: it can only quarantine a sheet.
WorkOutcome outcomeOf(const Reply& entry, const std::string& run, const WorkKey& key) {
    auto fields = redis::fieldsOf(entry.items.at(1));
    WorkOutcome outcome{.sheet = std::stoi(fields["sheet"]),
                        .attempt = std::stoi(fields["attempt"])};
    const std::string& kind = fields["kind"];
    if (kind == "lost") {
        outcome.kind = WorkOutcome::Kind::lost;
        outcome.reading.confidence = 0;
        outcome.reading.reason = "its worker was lost " + fields["reading"] +
                                 " times; reading this sheet may need too much memory";
        return outcome;
    }
    if (!key.verifies(fields["signature"], {"outcome", run, fields["sheet"], fields["attempt"],
                                            kind, fields["reading"]})) {
        throw std::invalid_argument("signature");
    }
    outcome.kind = kind == "failed" ? WorkOutcome::Kind::failed : WorkOutcome::Kind::read;
    WireReader reading(fields["reading"]);
    outcome.reading = readReading(reading);
    return outcome;
}

}  // namespace

WorkWindow::WorkWindow(redis::ConnectionOptions options, WorkOrder order, WorkKey key)
    : order_(std::move(order)), key_(key), redis_(std::move(options)) {}

WorkWindow::~WorkWindow() {
    try {
        close();
    } catch (const std::exception&) {
        // Redis is not available; the remaining keys expire.
    }
}

void WorkWindow::open() {
    const std::string& run = order_.run;
    std::vector<Command> commands;
    for (const Reply& other : redis_.run({"SMEMBERS", kRunsKey}).items) {
        if (other.text == run || batchOf(other.text) != order_.batch) continue;
        commands.push_back(removal(other.text));
        commands.push_back({"SREM", kRunsKey, other.text});
    }
    commands.push_back(removal(run));
    Command order{"HSET", orderKey(run)};
    for (std::string& field : fieldsOf(order_, key_)) order.push_back(std::move(field));
    commands.push_back(std::move(order));
    if (!order_.parcel.files.empty()) {
        Command files{"HSET", filesKey(run)};
        for (std::string& field : fileFieldsOf(order_)) files.push_back(std::move(field));
        commands.push_back(std::move(files));
    }
    commands.push_back({"XGROUP", "CREATE", sheetsKey(run), kGroup, "0", "MKSTREAM"});
    for (const std::string& key : keysOf(run))
        commands.push_back({"PEXPIRE", key, millis(kRunLives)});
    commands.push_back({"SADD", kRunsKey, run});  // last, because then workers start
    open_ = true;
    require(redis_.pipeline(commands));
    taken_ = "0-0";
    trim_ = false;
}

bool WorkWindow::give(std::span<const SheetTask> tasks) {
    std::vector<Command> commands;
    commands.reserve(tasks.size() + 1);
    for (const SheetTask& task : tasks) commands.push_back(addition(order_.run, task, key_));
    if (std::exchange(trim_, false)) {
        const std::size_t dash = taken_.find('-');
        const std::string next =
            taken_.substr(0, dash + 1) + std::to_string(std::stoull(taken_.substr(dash + 1)) + 1);
        commands.push_back({"XTRIM", outcomesKey(order_.run), "MINID", next});
    }
    if (commands.empty()) return true;
    const auto replies = redis_.pipeline(commands);
    require(replies);
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        if (replies[i].isNil()) return false;
    }
    return true;
}

std::vector<WorkOutcome> WorkWindow::take(std::chrono::milliseconds wait) {
    const std::string key = outcomesKey(order_.run);
    Command command{"XREAD", "COUNT", std::to_string(kMostOutcomes)};
    if (wait.count() > 0) command.insert(command.end(), {"BLOCK", millis(wait)});
    command.insert(command.end(), {"STREAMS", key, taken_});
    const Reply reply = redis_.run(command, wait);
    std::vector<WorkOutcome> outcomes;
    if (reply.items.empty()) return outcomes;
    for (const Reply& entry : reply.items[0].items.at(1).items) {
        taken_ = entry.items.at(0).text;
        try {
            outcomes.push_back(outcomeOf(entry, order_.run, key_));
        } catch (const std::exception&) {
            // This was not written by a worker with our key. If it replaced a sheet's outcome, the
            // sheet is assigned again.
        }
    }
    trim_ = true;
    return outcomes;
}

bool WorkWindow::renew() {
    std::vector<Command> commands{{"XINFO", "GROUPS", sheetsKey(order_.run)},
                                  {"EXISTS", orderKey(order_.run)},
                                  {"EXISTS", filesKey(order_.run)},
                                  {"SADD", kRunsKey, order_.run}};
    for (const std::string& key : keysOf(order_.run))
        commands.push_back({"PEXPIRE", key, millis(kRunLives)});
    std::vector<Reply> replies = redis_.pipeline(commands);
    const Reply groups = std::exchange(replies[0], Reply{});  // an error: no stream is there
    require(replies);
    const bool has_group = std::ranges::any_of(
        groups.items, [](const Reply& group) { return redis::fieldsOf(group)["name"] == kGroup; });
    const bool has_files = order_.parcel.files.empty() || replies[2].integer == 1;
    return has_group && replies[1].integer == 1 && has_files;
}

std::set<int> WorkWindow::sheets() {
    std::set<int> numbers;
    const Reply reply =
        redis_.eval(reachableScript(), {.keys = {sheetsKey(order_.run)}, .arguments = {kGroup}});
    for (const Reply& number : reply.items) numbers.insert(std::atoi(number.text.c_str()));
    return numbers;
}

std::size_t WorkWindow::heldBy(std::span<const std::string> workers) {
    if (workers.empty()) return 0;
    const std::vector<Command> commands{{"XINFO", "CONSUMERS", sheetsKey(order_.run), kGroup}};
    const auto replies = redis_.pipeline(commands);  // an error if the group does not exist
    std::size_t held = 0;
    for (const Reply& consumer : replies[0].items) {
        const auto named = [&](std::string_view name) -> const Reply* {
            for (std::size_t i = 0; i + 1 < consumer.items.size(); i += 2) {
                if (consumer.items[i].text == name) return &consumer.items[i + 1];
            }
            return nullptr;
        };
        const Reply* const name = named("name");
        const Reply* const pending = named("pending");
        if (name == nullptr || pending == nullptr) continue;
        if (std::ranges::find(workers, name->text) == workers.end()) continue;
        held += static_cast<std::size_t>(std::max<std::int64_t>(0, pending->integer));
    }
    return held;
}

std::vector<WorkerRecord> WorkWindow::workers() { return workerRecords(redis_); }

void WorkWindow::addDeadLetter(int sheet, int attempt, const std::string& reason) {
    JsonWriter letter;
    letter.beginObject()
        .text("batch_id", order_.batch)
        .integer("sheet", sheet)
        .integer("attempts", attempt)
        .text("reason", reason)
        .text("at", utcText(wallMs()))
        .endObject();
    const std::vector<Command> commands{{"RPUSH", kDeadKey, letter.take()},
                                        {"LTRIM", kDeadKey, std::to_string(-kMostDead), "-1"}};
    require(redis_.pipeline(commands));
}

void WorkWindow::close() {
    if (!std::exchange(open_, false)) return;
    const std::vector<Command> commands{{"SREM", kRunsKey, order_.run}, removal(order_.run)};
    require(redis_.pipeline(commands));
}

}  // namespace sheafline::work
