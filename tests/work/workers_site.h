// A Redis, a folder, and the programs of batches whose sheets are read by `sheafline worker`
// processes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "history/history_reader.h"
#include "program.h"
#include "redis_server.h"
#include "temporary_folder.h"

namespace sheafline::test {

inline std::string squares(const std::string& options, int count = 40) {
    return "name: squares\nstages:\n"
           "  - {id: make, uses: probe, with: {act: sheets, count: " +
           std::to_string(count) +
           "}}\n"
           "  - {id: process, uses: dispatch, with: {processor: probe, executor: redis, " +
           options + "}}\n";
}

// Waits until some of its sheets are read, so that it is in the middle of them.
inline bool waitForSheets(const std::filesystem::path& data_folder, const std::string& batch) {
    return eventually([&] {
        try {
            const auto row = HistoryReader(data_folder / "history.db").batch(batch);
            return row && row->sheets_read > 0;
        } catch (const std::exception&) {
            return false;  // there is no history yet
        }
    });
}

inline bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

struct Site {
    RedisServer redis;
    TemporaryFolder folder;

    std::map<std::string, std::string> environment() const {
        return {{"SHEAFLINE_REDIS", redis.url()},
                {"SHEAFLINE_WORK_KEY", (folder / "work.key").string()}};
    }
    std::unique_ptr<Program> start(const std::vector<std::string>& words) const {
        return std::make_unique<Program>(folder.path(), words, environment());
    }
    std::unique_ptr<Program> worker(std::vector<std::string> more = {}) const {
        std::vector<std::string> words{"worker", "--concurrency", "2",   "--heartbeat",
                                       "200ms",  "--log-level",   "info"};
        words.insert(words.end(), more.begin(), more.end());
        auto started = start(words);
        REQUIRE(started->waitForOutput("takes 2 sheets at a time"));
        return started;
    }
    std::unique_ptr<Program> run(const std::string& pipeline,
                                 const std::string& batch = "b") const {
        folder.write(batch + ".yaml", pipeline);
        return start({"run", batch + ".yaml", "--batch-id", batch, "--data-dir", batch, "--json"});
    }
    ProgramResult command(const std::vector<std::string>& words) const {
        return runProgram(folder.path(), words, environment());
    }

    // The square of each sheet, and the number of sheets.
    void checkSquares(const std::string& batch = "b", std::uint64_t quarantined = 0) const {
        HistoryReader history(folder / (batch + "/history.db"));
        const auto row = history.batch(batch).value();
        CHECK(row.sheets_total == 40);
        CHECK(row.sheets_quarantined == quarantined);
        CHECK(row.sheets_read == 40 - quarantined);
        for (const Sheet& sheet : history.sheets(batch)) {
            if (sheet.state != SheetState::read) continue;
            INFO("sheet " << sheet.number);
            CHECK(history.reading(batch, sheet.number)->values ==
                  std::vector<std::string>{std::to_string(sheet.number * sheet.number)});
        }
    }
    void checkNothingLeft() const { CHECK(redis.cli("KEYS 'sheafline:work:*'") == ""); }
};

}  // namespace sheafline::test
