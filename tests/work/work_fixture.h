// Both sides of work in Redis, on a real server, for tests of its rules.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <sheafline/work/sheet_offer.h>
#include <sheafline/work/work_source.h>
#include <sheafline/work/work_window.h>

#include "redis_server.h"
#include "temporary_folder.h"

namespace sheafline::work::test {

using namespace std::chrono_literals;
using sheafline::test::RedisServer;

inline constexpr auto kShort = 30ms;  // a lease of a test

inline redis::ConnectionOptions to(const RedisServer& server) {
    return {.url = redis::parseRedisUrl(server.url()), .name = "work-test"};
}

inline const WorkKey& key() {
    static const TemporaryFolder folder;
    static const WorkKey made(folder / "work.key");
    return made;
}

inline WorkOrder order(const std::string& batch = "b") {
    return {.run = newRun(batch, 1),
            .batch = batch,
            .parcel = {.processor = {.name = "probe",
                                     .params = {{"plus", {.text = "plus/number"}},
                                                {"list", {.list = {"a", "b"}, .is_list = true}}}},
                       .version = "1.0.0",
                       .program = "0.1.0",
                       .files = {{.name = "plus/number", .bytes = std::string("7\0\n", 3)}}},
            .columns = {"square"},
            .sheet_timeout = 5s,
            .memory_bytes = 1000,
            .lease = 300ms,
            .sheets = SheetWay::http};
}

inline std::vector<SheetTask> tasks(int count) {
    std::vector<SheetTask> all;
    for (int i = 1; i <= count; ++i)
        all.push_back({.number = i, .path = "/no/such/" + std::to_string(i), .qr = "A 1"});
    return all;
}

inline WorkSource worker(const RedisServer& server, const std::string& name) {
    return {to(server), name, "0.1.0", key()};
}

inline std::vector<TakenSheet> take(WorkSource& source, const std::string& run,
                                    std::size_t count = 10) {
    return source.take(std::vector<std::string>{run}, count, 0ms);
}

inline bool answer(WorkSource& source, const TakenSheet& sheet, const std::string& value = "1") {
    const std::vector<Answer> one{{.sheet = sheet, .reading = {.values = {value}}}};
    return source.answer(one).at(0);
}

// "1@1 read 4" for each: sheet, attempt, kind, and the reading or the reason.
inline std::string outcomes(WorkWindow& window) {
    std::string text;
    for (const WorkOutcome& outcome : window.take(0ms)) {
        const bool read = outcome.kind == WorkOutcome::Kind::read;
        text += std::to_string(outcome.sheet) + "@" + std::to_string(outcome.attempt) +
                (read ? " read " + outcome.reading.values.at(0) : " " + outcome.reading.reason) +
                "\n";
    }
    return text;
}

// Waits until the lease of everything that was taken before has ended.
inline std::vector<TakenSheet> takenOver(WorkSource& source, const std::string& run) {
    std::vector<TakenSheet> sheets;
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (sheets.empty() && std::chrono::steady_clock::now() < deadline)
        sheets = source.takeOver(run, kShort, 10);
    return sheets;
}

}  // namespace sheafline::work::test
