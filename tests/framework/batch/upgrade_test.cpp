// A data folder that version 1.0.0 (commit a6a623f) left behind, with a batch that was interrupted
// in `collect`. The newer program compares its fingerprints by the old rule.
#include <filesystem>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>

#include <sheafline/sqlite/statement.h>

#include "history/history_reader.h"
#include "plugins/plugin_catalog.h"
#include "program.h"
#include "temporary_folder.h"

namespace fs = std::filesystem;
using namespace sheafline;

namespace {

// The fixture, moved to a temporary folder as an operator moves a data folder.
struct OldBatch {
    TemporaryFolder folder;

    OldBatch() {
        const fs::path from = SHEAFLINE_SOURCE_DIR "/tests/data/interrupted-1.0.0";
        fs::create_directories(folder / "sheafline-data/batches/upgrade");
        fs::copy_file(from / "history.db", folder / "sheafline-data/history.db");
        fs::copy_file(from / "archive.zip", folder / "sheafline-data/batches/upgrade/archive.zip");
        fs::copy_file(from / "interrupted.yaml", folder / "interrupted.yaml");
        fs::copy(from / "templates", folder / "templates");
        sqlite::Database database(folder / "sheafline-data/history.db",
                                  {.mode = sqlite::OpenMode::read_write});
        sqlite::Statement(database, "UPDATE batches SET pipeline_file = ?1")
            .bind(1, (folder / "interrupted.yaml").string())
            .run();
    }
    ProgramResult command(const std::vector<std::string>& words) const {
        return runProgram(folder.path(), words);
    }
    // "STAGE FATE" of each stage, such as "organize runs again".
    std::string plan() const {
        const ProgramResult result = command({"resume", "--plan", "upgrade"});
        REQUIRE(result.status == 0);
        std::istringstream lines(result.out);
        std::string plan;
        for (std::string line; std::getline(lines, line);) {
            const std::size_t name = line.find(' ');
            const std::size_t fate = line.find_first_not_of(' ', name);
            const std::size_t end = line.find("  ", fate);
            if (line.starts_with("STAGE")) continue;
            plan += line.substr(0, name) + ' ' + line.substr(fate, end - fate) + '\n';
        }
        return plan;
    }
    std::int64_t readings() const {
        sqlite::Database database(folder / "sheafline-data/history.db",
                                  {.mode = sqlite::OpenMode::read_only});
        sqlite::Statement select(database, "SELECT count(*) FROM readings");
        REQUIRE(select.step());
        return select.integer(0);
    }
};

// The fixture's processor. A newer version of it correctly makes the reading out of date.
bool omrIsAsReleased() {
    const PluginCatalog plugins({fs::path(SHEAFLINE_BINARY_DIR) / "plugins"});
    return plugins.find(PluginKind::processor, "omr")->descriptor->version == "1.0.0";
}

}  // namespace

TEST_CASE("an upgrade reruns no stage whose result is still valid") {
    const OldBatch batch;
    const std::string read_again = omrIsAsReleased() ? "is kept" : "runs again";
    const std::string after = omrIsAsReleased() ? "continues" : "runs again";
    CHECK(batch.plan() == "extract restores its files\norganize restores its files\nprocess " +
                              read_again + "\ncollect " + after + "\ncsv starts\n");
    const ProgramResult resumed = batch.command({"resume", "upgrade"});
    INFO(resumed.err);
    CHECK(resumed.status == 0);
    CHECK(batch.readings() == 1);
    HistoryReader history(batch.folder / "sheafline-data/history.db");
    CHECK(history.batch("upgrade")->execution == (omrIsAsReleased() ? 1 : 2));
    CHECK(batch.folder.read("sheafline-data/batches/upgrade/artifacts/marks.csv")
              .find("MATH-5A/1/6822465") != std::string::npos);
}

TEST_CASE("a template that changed around an upgrade is noticed by the old rule") {
    const OldBatch batch;
    batch.folder.write("templates/demo-sheet.yaml",
                       batch.folder.read("templates/demo-sheet.yaml") + "# edited\n");
    CHECK(batch.plan() ==
          "extract restores its files\norganize runs again\nprocess runs again\n"
          "collect runs again\ncsv starts\n");
}
