// `db_load` compared with `sqlite3 .import` and `psql \copy`: the same rows, the same table with
// its key, one run. The best of five each, alternating; the goal is at least 0.7 of their rates.
//
//     load_bench [ROWS]
#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <string>

#include "memory_stage_run.h"
#include "plugin_under_test.h"
#include "postgres_server.h"
#include "temporary_folder.h"

namespace fs = std::filesystem;

using namespace sheafline;
using namespace sheafline::test;

namespace {

constexpr int kQuestions = 60;
constexpr int kTurns = 5;

// The rows of a batch with 60 questions, both in the run and as a CSV file without a header.
void fill(MemoryStageRun& run, const fs::path& csv, int rows) {
    std::vector<std::string> columns{"student"};
    for (int q = 1; q <= kQuestions; ++q) columns.push_back("q" + std::to_string(q));
    columns.emplace_back("score");
    run.sheets().add(std::vector<Sheet>(static_cast<std::size_t>(rows)));
    run.sheets().freeze();
    run.sheets().setColumns(columns);
    std::ofstream out(csv);
    for (int n = 1; n <= rows; ++n) {
        const std::string number = std::to_string(n);
        std::vector<std::string> row{
            "batch-1", number, "scans/sheet-" + number + ".jpg",         "1", "MATH-7B/1/" + number,
            "MATH-7B", "read", n % 10 == 0 ? "q7:faint;q9:multiple" : ""};
        row.push_back("00" + number);
        for (int q = 0; q < kQuestions; ++q) row.emplace_back(1, "ABCDE"[(n + q) % 5]);
        row.emplace_back("42");
        row.emplace_back("0.987");
        for (std::size_t i = 0; i < row.size(); ++i) out << (i == 0 ? "" : ",") << row[i];
        out << '\n';
        run.sheets().setRow(n, row);
    }
    run.sheets().flush();
}

struct Way {
    std::string name;
    std::function<void()> clear;  // not measured
    std::function<void()> load;
    double best_seconds = 1e9;

    void measure() {
        clear();
        const auto start = std::chrono::steady_clock::now();
        load();
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
        best_seconds = std::min(best_seconds, seconds.count());
    }
};

// Alternating, so that other load of the machine affects both.
void compare(const std::string& target, Way ours, Way theirs, int rows) {
    for (int i = 0; i < kTurns; ++i) {
        ours.measure();
        theirs.measure();
    }
    const auto rate = [&](const Way& way) {
        return way.name + ' ' + std::to_string(std::lround(rows / way.best_seconds)) + " rows/s, ";
    };
    std::cout << target << ": " << rate(theirs) << rate(ours) << "ratio "
              << theirs.best_seconds / ours.best_seconds << '\n';
}

void benchSqlite(MemoryStageRun& run, const fs::path& folder, const fs::path& csv, int rows) {
    const fs::path database = folder / "bench.db";
    const std::string shell = "sqlite3 '" + database.string() + "' ";
    const auto load = [&] {
        makeStage("db_load", {{"url", {.text = "sqlite:" + database.string()}}})->run(run);
    };
    const auto clear = [&] {
        fs::remove(database);
        load();  // creates the same table
        outputOf(shell + "'DELETE FROM omr_results; VACUUM'");
    };
    const auto import_csv = [&] {
        outputOf(shell + "-cmd '.mode csv' '.import " + csv.string() + " omr_results'");
    };
    compare("SQLite", {"db_load", [&] { fs::remove(database); }, load},
            {"sqlite3 .import", clear, import_csv}, rows);
}

void benchPostgres(MemoryStageRun& run, const fs::path& csv, int rows) {
    const PostgresServer server;
    const auto load = [&] { makeStage("db_load", {{"url", {.text = server.url()}}})->run(run); };
    const auto drop = [&] {
        server.query(
            "DROP TABLE IF EXISTS omr_results, omr_results_rejects, sheafline_load_progress");
    };
    const auto copy = [&] {
        outputOf("psql -X -q '" + server.url() + "' -c \"\\copy omr_results FROM '" + csv.string() +
                 "' CSV\"");
    };
    compare("PostgreSQL", {"db_load", drop, load},
            {"psql \\copy", [&] { server.query("TRUNCATE omr_results"); }, copy}, rows);
}

}  // namespace

int main(int count, char** words) {
    try {
        const int rows = count > 1 ? std::stoi(words[1]) : 100'000;
        const TemporaryFolder folder;
        const fs::path csv = folder / "rows.csv";
        MemoryStageRun run(folder.path(), "load");
        fill(run, csv, rows);
        benchSqlite(run, folder.path(), csv, rows);
        benchPostgres(run, csv, rows);
    } catch (const std::exception& error) {
        std::cerr << "load_bench: " << error.what() << '\n';
        return 1;
    }
    return 0;
}
