#include <stdexcept>
#include <string_view>
#include <utility>

#include <sheafline/work/work_source.h>

#include "work_keys.h"
#include "work_scripts.h"
#include "workers/processor_wire.h"

namespace sheafline::work {

namespace {

using redis::Command;
using redis::Reply;
using redis::ScriptCall;

// How often a sheet may be lost with its worker; as often as a stage may crash its process.
constexpr int kMostDeliveries = 5;
constexpr int kListLivesMs = 3'600'000;

TakenSheet takenSheet(const std::string& run, const Reply& entry, const WorkKey& key) {
    auto fields = redis::fieldsOf(entry.items.at(1));
    const bool ours = key.verifies(
        fields["signature"], {"sheet", run, fields["sheet"], fields["attempt"], fields["path"],
                              fields["bytes"], fields["page"], fields["qr"], fields["group"]});
    if (!ours) throw std::invalid_argument("signature");
    return {.run = run,
            .entry = entry.items.at(0).text,
            .delivery = entry.items.size() > 2 ? static_cast<int>(entry.items[2].integer) : 1,
            .task = {.number = std::stoi(fields["sheet"]),
                     .attempt = std::stoi(fields["attempt"]),
                     .path = fields["path"],
                     .page = std::stoi(fields["page"]),
                     .qr = fields["qr"],
                     .group = fields["group"]},
            .bytes = std::stoull(fields["bytes"])};
}

void append(std::vector<TakenSheet>& taken, const std::string& run, const Reply& entries,
            const WorkKey& key) {
    for (const Reply& entry : entries.items) {
        try {
            taken.push_back(takenSheet(run, entry, key));
        } catch (const std::logic_error&) {
            // This was not written by a batch with our key.
        }
    }
}

// The stream or its group is gone: the batch ended, or Redis was emptied.
bool isGone(const redis::RedisError& error) {
    const std::string_view text = error.what();
    return text.find("NOGROUP") != std::string_view::npos ||
           text.find("UNBLOCKED") != std::string_view::npos;
}

std::string readingText(const Reading& reading) {
    WireWriter out;
    writeReading(out, reading);
    return out.bytes();
}

std::string_view toString(WorkOutcome::Kind kind) {
    switch (kind) {
        case WorkOutcome::Kind::read:
            return "read";
        case WorkOutcome::Kind::failed:
            return "failed";
        case WorkOutcome::Kind::lost:
            return "lost";
    }
    return "unknown";
}

}  // namespace

WorkSource::WorkSource(redis::ConnectionOptions options, std::string worker, std::string program,
                       WorkKey key)
    : redis_(std::move(options)),
      worker_(std::move(worker)),
      program_(std::move(program)),
      key_(key) {}

std::vector<std::string> WorkSource::runs() {
    std::vector<Command> commands;
    for (const Reply& run : redis_.run({"SMEMBERS", kRunsKey}).items)
        commands.push_back({"EXISTS", orderKey(run.text), sheetsKey(run.text)});
    if (commands.empty()) return {};
    const auto replies = redis_.pipeline(commands);
    std::vector<std::string> open;
    Command dead{"SREM", kRunsKey};
    for (std::size_t i = 0; i < replies.size(); ++i) {
        std::string run = commands[i][1].substr(orderKey("").size());
        (replies[i].integer == 2 ? open : dead).push_back(std::move(run));
    }
    if (dead.size() > 2) redis_.run(dead);
    return open;
}

std::optional<WorkOrder> WorkSource::order(const std::string& run) {
    const std::vector<Command> commands{{"HGETALL", orderKey(run)}, {"HGETALL", filesKey(run)}};
    const auto replies = redis_.pipeline(commands);
    if (replies[0].items.empty()) return std::nullopt;
    return readOrder(run, redis::fieldsOf(replies[0]), redis::fieldsOf(replies[1]), program_, key_);
}

std::vector<TakenSheet> WorkSource::take(std::span<const std::string> runs, std::size_t count,
                                         std::chrono::milliseconds wait) {
    Command command{"XREADGROUP", "GROUP", kGroup, worker_, "COUNT", std::to_string(count)};
    if (wait.count() > 0) command.insert(command.end(), {"BLOCK", std::to_string(wait.count())});
    command.emplace_back("STREAMS");
    for (const std::string& run : runs) command.push_back(sheetsKey(run));
    command.insert(command.end(), runs.size(), ">");
    std::vector<TakenSheet> taken;
    try {
        for (const Reply& stream : redis_.run(command, wait).items) {
            const std::string& key = stream.items.at(0).text;
            for (const std::string& run : runs) {
                if (sheetsKey(run) != key) continue;
                append(taken, run, stream.items.at(1), key_);
            }
        }
    } catch (const redis::RedisError& error) {
        if (!isGone(error)) throw;
    }
    return taken;
}

std::vector<TakenSheet> WorkSource::takeOver(const std::string& run,
                                             std::chrono::milliseconds lease, std::size_t count,
                                             std::span<const std::string> lost) {
    ScriptCall call{.keys = {sheetsKey(run), outcomesKey(run)},
                    .arguments = {kGroup, worker_, std::to_string(lease.count()),
                                  std::to_string(count), std::to_string(kMostDeliveries)}};
    call.arguments.insert(call.arguments.end(), lost.begin(), lost.end());
    std::vector<TakenSheet> taken;
    append(taken, run, redis_.eval(takeOverScript(), call), key_);
    return taken;
}

std::vector<std::string> WorkSource::lostWorkers() {
    std::vector<std::string> names;
    for (const WorkerRecord& worker : workerRecords(redis_)) {
        if (worker.state == "lost" && worker.name != worker_) names.push_back(worker.name);
    }
    return names;
}

std::vector<bool> WorkSource::answer(std::span<const Answer> answers) {
    std::vector<ScriptCall> calls;
    calls.reserve(answers.size());
    for (const Answer& answer : answers) {
        const TakenSheet& sheet = answer.sheet;
        const std::string number = std::to_string(sheet.task.number);
        const std::string attempt = std::to_string(sheet.task.attempt);
        const std::string kind(toString(answer.kind));
        const std::string reading = readingText(answer.reading);
        calls.push_back(
            {.keys = {sheetsKey(sheet.run), outcomesKey(sheet.run)},
             .arguments = {kGroup, worker_, sheet.entry, std::to_string(sheet.delivery), number,
                           attempt, kind, reading,
                           key_.sign({"outcome", sheet.run, number, attempt, kind, reading})}});
    }
    std::vector<bool> counted;
    for (const Reply& reply : redis_.evalAll(answerScript(), calls)) {
        if (reply.isError())
            throw redis::RedisError(redis::kindOf(reply.text), redis::answered(reply.text));
        counted.push_back(reply.integer == 1);
    }
    return counted;
}

void WorkSource::giveBack(std::span<const TakenSheet> sheets) {
    std::vector<ScriptCall> calls;
    for (const TakenSheet& sheet : sheets) {
        calls.push_back(
            {.keys = {sheetsKey(sheet.run)},
             .arguments = {kGroup, worker_, sheet.entry, std::to_string(sheet.delivery)}});
    }
    if (!calls.empty()) redis_.evalAll(giveBackScript(), calls);
}

std::vector<std::string> WorkSource::renew(const std::string& run,
                                           std::span<const TakenSheet> sheets) {
    ScriptCall call{.keys = {sheetsKey(run)}, .arguments = {kGroup, worker_}};
    for (const TakenSheet& sheet : sheets) {
        call.arguments.push_back(sheet.entry);
        call.arguments.push_back(std::to_string(sheet.delivery));
    }
    std::vector<std::string> gone;
    for (const Reply& entry : redis_.eval(renewScript(), call).items) gone.push_back(entry.text);
    return gone;
}

void WorkSource::tell(const WorkerRecord& worker) {
    redis_.eval(recordScript(),
                {.keys = {kWorkersKey},
                 .arguments = {worker_, jsonOf(worker), std::to_string(kListLivesMs)}});
}

void WorkSource::leave() { redis_.run({"HDEL", kWorkersKey, worker_}); }

}  // namespace sheafline::work
