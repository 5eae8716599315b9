// What the history costs in SQLite and in PostgreSQL, without any stage: all changes of a batch of
// 11,404 sheets, and events of 50 batches that wait for nothing.
//
//     history_bench FOLDER [postgresql://USER:PASSWORD@HOST/DATABASE [batch|events]]
//
// The database must be empty, and its server durable (fsync = on), or the figures mean nothing.
#include <chrono>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "history/history.h"
#include "history/text_list.h"

using namespace sheafline;

namespace {

constexpr int kSheets = 11'404;
constexpr int kPerChange = 20;  // sheets that a batch process sends together
constexpr int kEvents = 100'000;
constexpr int kBatches = 50;

double secondsOf(const auto& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

Change created(const std::string& id) {
    return {.batch_id = id,
            .create = NewBatch{.pipeline = "bench", .params = "{}"},
            .events = {{.stage = "queued", .message = "m"}}};
}

void fail(const std::exception_ptr& error) {
    if (error) std::rethrow_exception(error);
}

// Each sheet is found, has a code, is read, and has a row: as the example pipeline does it.
void runBatch(History& history, const std::string& id) {
    history.commit(created(id));
    const std::vector<std::string> values(100, "A");
    const std::string evidence =
        "{\"fields\":{\"q1\":{\"value\":\"A\",\"darkness\":[" + std::string(4000, '1') + "]}}}";
    for (int step = 0; step < 4; ++step) {
        for (int first = 1; first <= kSheets; first += kPerChange) {
            Change change{.batch_id = id};
            for (int number = first; number < first + kPerChange && number <= kSheets; ++number) {
                ChangedSheet sheet{.number = number};
                if (step == 0) {
                    change.new_sheets.push_back(
                        {.number = number, .file = "scan-" + std::to_string(number) + ".jpg"});
                    continue;
                }
                if (step == 1) {
                    sheet.qr = "CODE-" + std::to_string(number);
                    sheet.group = "7";
                } else if (step == 2) {
                    sheet.state = SheetState::read;
                    sheet.reading = Reading{.values = values,
                                            .flags = number % 20 == 0 ? "q1:faint" : "",
                                            .confidence = 0.9,
                                            .evidence = evidence};
                } else {
                    sheet.row = jsonArray(values);
                }
                change.sheets.push_back(std::move(sheet));
            }
            if (first % (5 * kPerChange) == 1)
                change.events = {{.stage = "s", .message = "Progress"}};
            history.submit(std::move(change), fail);
        }
    }
    history.commit({.batch_id = id, .events = {{.stage = "s", .message = "end"}}});
}

void reportEvents(History& history) {
    for (int batch = 0; batch < kBatches; ++batch)
        history.commit(created("events-" + std::to_string(batch)));
    for (int i = 0; i < kEvents; ++i) {
        history.submit({.batch_id = "events-" + std::to_string(i % kBatches),
                        .events = {{.stage = "s", .message = "Progress: 1368/11404 completed"}}},
                       fail);
    }
    history.commit({.batch_id = "events-0", .events = {{.stage = "s", .message = "end"}}});
}

void measure(const char* store, const sql::Place& place, const std::string& only) {
    History history(place, "bench");
    std::cout << store << ':';
    if (only != "events") {
        const double seconds = secondsOf([&] { runBatch(history, "batch"); });
        std::cout << " a batch of " << kSheets << " sheets " << seconds << " s";
    }
    if (only != "batch") {
        const double seconds = secondsOf([&] { reportEvents(history); });
        std::cout << ' ' << static_cast<int>(kEvents / seconds) << " durable events/s";
    }
    std::cout << '\n';
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::cerr << "usage: history_bench FOLDER [postgresql://… [batch|events]]\n";
        return 64;
    }
    const std::filesystem::path file = std::filesystem::path(argv[1]) / "bench.db";
    for (const char* part : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + part);
    const std::string only = argc > 3 ? argv[3] : "";
    measure("SQLite", file, only);
    if (argc > 2) measure("PostgreSQL", {file, argv[2]}, only);
    return 0;
}
