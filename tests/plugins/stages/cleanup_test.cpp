#include <algorithm>
#include <sstream>

#include <catch2/catch.hpp>

#include "stage_outcome.h"
#include "temporary_folder.h"

namespace fs = std::filesystem;

using namespace sheafline;
using namespace sheafline::test;

namespace {

// All names below `folder`, in order; links are not followed.
std::string tree(const fs::path& folder) {
    std::vector<std::string> names;
    for (const auto& item : fs::recursive_directory_iterator(folder)) {
        names.push_back(fs::relative(item.path().parent_path(), folder) / item.path().filename());
    }
    std::ranges::sort(names);
    std::ostringstream text;
    for (const std::string& name : names) text << name << ' ';
    return text.str();
}

}  // namespace

TEST_CASE("cleanup empties the work folder and keeps artifacts and the archive") {
    const TemporaryFolder folder;
    MemoryStageRun run(folder.path(), "cleanup");
    fs::create_directories(run.workFolder() / "extract");
    fs::create_directories(run.workFolder() / "organize" / "MATH-7B");
    fs::create_directories(run.batchFolder() / "artifacts");
    folder.write("work/extract/000001.jpg", std::string(1U << 20U, 'x'));
    fs::create_hard_link(run.workFolder() / "extract" / "000001.jpg",
                         run.workFolder() / "organize" / "MATH-7B" / "1.jpg");
    folder.write("batch/artifacts/math.csv", "rows");
    folder.write("batch/archive.zip", "zip");
    folder.write("batch/archive.zip.tmp", "half");
    run.sheets().add({{.path = run.workFolder() / "extract" / "000001.jpg"}});

    REQUIRE(runStage("cleanup", {}, run).code == "done");
    CHECK(tree(folder.path()) ==
          "./batch ./work batch/archive.zip batch/artifacts batch/artifacts/math.csv "
          "work/cleanup ");
    CHECK(run.progress().lastMessage() == "Removed 2 files (1.00MB)");
    CHECK(run.sheets().at(1).path.empty());
}

TEST_CASE("cleanup removes a link and never what it points at") {
    const TemporaryFolder folder;
    const TemporaryFolder outside;
    outside.write("precious", "kept");
    MemoryStageRun run(folder.path(), "cleanup");
    fs::create_directories(run.workFolder() / "extract");
    fs::create_directory_symlink(outside.path(), run.workFolder() / "extract" / "folder");
    fs::create_symlink(outside / "precious", run.workFolder() / "file");
    REQUIRE(runStage("cleanup", {}, run).code == "done");
    CHECK(outside.read("precious") == "kept");
    CHECK(tree(run.workFolder()) == "./cleanup ");
}

TEST_CASE("cleanup rejects a work folder that is a link, or that holds the artifacts") {
    const TemporaryFolder folder;
    const TemporaryFolder outside;
    outside.write("precious", "kept");
    MemoryStageRun run(folder.path(), "cleanup");
    fs::remove_all(run.workFolder());
    SECTION("a link") {
        fs::create_directory_symlink(outside.path(), run.workFolder());
        fs::create_directories(run.folder());
        CHECK(runStage("cleanup", {}, run).code != "done");
    }
    SECTION("the artifacts") {
        fs::create_directory_symlink(folder.path(), run.workFolder());
        fs::create_directories(run.folder());
        CHECK(runStage("cleanup", {}, run).code == "CLEANUP_REFUSED");
    }
    CHECK(outside.read("precious") == "kept");
}

TEST_CASE("a second cleanup finds nothing to do") {
    const TemporaryFolder folder;
    MemoryStageRun run(folder.path(), "cleanup");
    folder.write("work/a", "x");
    REQUIRE(runStage("cleanup", {}, run).code == "done");
    REQUIRE(runStage("cleanup", {}, run).code == "done");
    CHECK(run.progress().lastMessage() == "Removed 0 files (0.00MB)");
}

TEST_CASE("cleanup removes nothing of a batch that another server has taken over") {
    const TemporaryFolder folder;
    MemoryStageRun run(folder.path(), "cleanup");
    folder.write("work/a", "x");
    folder.write("batch/archive.zip.tmp", "half");
    run.setEpoch(3);
    run.loseOwnership();
    CHECK(runStage("cleanup", {}, run).code == "FENCED");
    CHECK(folder.read("work/a") == "x");
    CHECK(folder.read("batch/archive.zip.tmp") == "half");
}

TEST_CASE("cleanup removes the unfinished archives of all owners of the batch") {
    const TemporaryFolder folder;
    MemoryStageRun run(folder.path(), "cleanup");
    run.setEpoch(3);
    for (const char* epoch : {"epoch-1", "epoch-3"})
        fs::create_directories(folder / "batch" / epoch);
    folder.write("batch/epoch-3/sheets.zip.tmp", "half");
    folder.write("batch/epoch-1/archive.zip.tmp", "half");
    folder.write("batch/epoch-1/foreign-codes.tmp", "1 []\n");
    REQUIRE(runStage("cleanup", {}, run).code == "done");
    CHECK(tree(run.batchFolder()) == "./epoch-1 ./epoch-3 epoch-1/foreign-codes.tmp ");
}
