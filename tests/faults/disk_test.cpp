// Full, read-only and damaged disks. Tests that need a file system mount a small tmpfs; they are
// skipped where mounting is not permitted.
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <signal.h>
#include <string>
#include <sys/xattr.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "history/history_reader.h"
#include "program.h"
#include "small_disk.h"
#include "temporary_folder.h"

using namespace sheafline;

namespace {

constexpr const char* kSheets = R"(
name: squares
stages:
  - {id: make, uses: probe, with: {act: sheets, count: 400}}
  - {id: hold, uses: probe, with: {act: wait_for_file}}
  - {id: process, uses: dispatch, with: {processor: probe, workers: 2, bulk: 16000}}
  - {id: collect, uses: collect}
  - {id: csv, uses: csv}
)";

// A pipeline that waits before it writes to `disk/`, with the given stages after that, and sinks.
std::string writesTo(const std::string& stages) {
    return "name: squares\nstages:\n"
           "  - {id: make, uses: probe, with: {act: sheets, count: 400}}\n"
           "  - {id: hold, uses: probe, with: {act: wait_for_file}}\n"
           "  - {id: process, uses: dispatch, with: {processor: probe, workers: 1}}\n"
           "  - {id: collect, uses: collect}\n" +
           stages;
}

void flipInTheMiddle(const std::filesystem::path& path) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(0, std::ios::end);
    const auto middle = file.tellg() / 2;
    file.seekg(middle);
    const char byte = static_cast<char>(file.get() ^ 0x10);
    file.seekp(middle);
    file.put(byte);
}

std::string allEvents(const TemporaryFolder& folder) {
    return runProgram(folder.path(), {"batches", "events", "b"}).out;
}

}  // namespace

TEST_CASE("a disk that becomes read-only stops the batch, which resumes when it is writable",
          "[F10]") {
    const TemporaryFolder folder;
    const SmallDisk disk(folder / "sheafline-data", "96m");
    if (!disk.mounted()) {
        WARN("skipped: no tmpfs can be mounted here");
        return;
    }
    folder.write("p.yaml", kSheets);
    {
        Program program(folder.path(), {"run", "p.yaml", "--batch-id", "b", "--json"});
        REQUIRE(program.waitForOutput("waiting"));
        program.signal(SIGTERM);
        REQUIRE(program.wait().status == 4);
    }
    folder.write("go", "");
    REQUIRE(disk.readOnly(true));
    const auto rejected = runProgram(folder.path(), {"resume", "b"});
    CHECK(rejected.status == 78);
    CHECK(rejected.err.find("Read-only file system") != std::string::npos);
    REQUIRE(disk.readOnly(false));
    CHECK(runProgram(folder.path(), {"resume", "b"}).status == 0);
}

TEST_CASE("a damaged history is named at every start and replaced only on request", "[F14][F32]") {
    const TemporaryFolder folder;
    folder.write("p.yaml", "name: one\nstages:\n  - {id: a, uses: probe}\n");
    REQUIRE(runProgram(folder.path(), {"run", "p.yaml", "--batch-id", "b"}).status == 0);
    {
        std::fstream file(folder / "sheafline-data/history.db",
                          std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(GENERATE(0, 100, 8192));
        file << std::string(4000, '\x5a');
    }
    for (int start = 0; start < 2; ++start) {
        const auto rejected = runProgram(folder.path(), {"run", "p.yaml", "--batch-id", "c"});
        INFO(rejected.err);
        CHECK(rejected.status == 78);
        CHECK(rejected.err.find("history.db is damaged") != std::string::npos);
        CHECK(std::filesystem::exists(folder / "sheafline-data/history.db"));
    }
    const auto begun =
        runProgram(folder.path(), {"run", "p.yaml", "--batch-id", "c", "--set-aside-history"});
    CHECK(begun.status == 0);
    CHECK(begun.err.find("was set aside as") != std::string::npos);
}

TEST_CASE("an I/O error at any write fails the batch by name and never looks like success",
          "[F11]") {
    const std::string point = GENERATE(as<std::string>{}, "file.fsync", "file.rename", "csv.chunk");
    const TemporaryFolder folder;
    folder.write("p.yaml", kSheets);
    folder.write("go", "");
    const auto result = runProgram(folder.path(), {"run", "p.yaml", "--batch-id", "b", "--json"},
                                   {{"SHEAFLINE_FAULT", "batch/" + point + ":1:eio"}});
    INFO(result.out);
    CHECK(result.status == 1);
    CHECK(result.out.find("fault point " + point) != std::string::npos);
    CHECK(runProgram(folder.path(), {"retry", "b"}).status == 0);
}

TEST_CASE("a disk that is full for a stage stops the batch with that reason", "[F9]") {
    struct Case {
        const char* stages;
        const char* work;  // --work-dir
    };
    const Case one = GENERATE(
        Case{"  - {id: csv, uses: csv}\n", "disk"},
        Case{"  - {id: load, uses: db_load, with: {url: 'sqlite:disk/results.db'}}\n", "work"});
    const TemporaryFolder folder;
    const SmallDisk disk(folder / "disk", "16m");
    if (!disk.mounted()) {
        WARN("skipped: no tmpfs can be mounted here");
        return;
    }
    folder.write("p.yaml", writesTo(one.stages));
    Program program(folder.path(), {"run", "p.yaml", "--batch-id", "b", "--json", "--work-dir",
                                    (folder / one.work).string()});
    REQUIRE(program.waitForOutput("waiting"));
    disk.fill();
    folder.write("go", "");
    const auto result = program.wait();
    INFO(result.out << result.err);
    CHECK(result.status == 4);
    CHECK(result.out.find("\"code\":\"DISK_FULL\"") != std::string::npos);
    CHECK_THAT(runProgram(folder.path(), {"batches", "show", "b", "--json"}).out,
               Catch::Contains("\"code\":\"DISK_FULL\"") &&
                   Catch::Contains("make room, then run: sheafline resume b"));
    disk.makeRoom();
    CHECK(runProgram(folder.path(), {"resume", "b", "--work-dir", (folder / one.work).string()})
              .status == 0);
    CHECK(HistoryReader(folder / "sheafline-data/history.db").batch("b")->sheets_read == 400);
}

TEST_CASE("an archive that does not fit on the disk is not extracted until there is room", "[F9]") {
    const TemporaryFolder folder;
    const SmallDisk disk(folder / "disk", "1m");
    if (!disk.mounted()) {
        WARN("skipped: no tmpfs can be mounted here");
        return;
    }
    REQUIRE(runProgram(folder.path(), {"sample", "--sheets", "20", "--out", "s.zip"}).status == 0);
    folder.write(
        "p.yaml",
        "name: unpack\nstages:\n  - {id: extract, uses: extract, with: {archive: s.zip}}\n");
    const std::vector<std::string> run{
        "run", "p.yaml", "--batch-id", "b", "--json", "--work-dir", (folder / "disk").string()};
    const auto result = runProgram(folder.path(), run);
    INFO(result.out << result.err);
    CHECK(result.status == 4);
    CHECK(result.out.find("\"code\":\"DISK_FULL\"") != std::string::npos);
    REQUIRE(disk.resize("64m"));
    CHECK(runProgram(folder.path(), {"resume", "b", "--work-dir", (folder / "disk").string()})
              .status == 0);
    CHECK(HistoryReader(folder / "sheafline-data/history.db").batch("b")->sheets_total == 20);
}

TEST_CASE("a sink or log on a full disk delays no batch, and the sink catches up", "[F9]") {
    const TemporaryFolder folder;
    const SmallDisk disk(folder / "disk", "1m");
    if (!disk.mounted()) {
        WARN("skipped: no tmpfs can be mounted here");
        return;
    }
    folder.write("p.yaml",
                 writesTo("sinks:\n  - {uses: jsonl, with: {file: disk/events.jsonl}}\n"));
    folder.write("go", "");
    disk.fill();
    const std::string command = "cd '" + folder.path().string() +
                                "' && SHEAFLINE_PLUGIN_PATH=" SHEAFLINE_BINARY_DIR
                                "/probes " SHEAFLINE_BINARY_DIR
                                "/bin/sheafline run p.yaml --batch-id b 2> /dev/full > /dev/full";
    CHECK(std::system(command.c_str()) == 0);  // NOLINT(cert-env33-c): a shell redirects
    CHECK(HistoryReader(folder / "sheafline-data/history.db").batch("b")->state ==
          BatchState::completed);
    disk.makeRoom();
    CHECK(runProgram(folder.path(), {"resume", "b"}).status == 2);  // it had ended
    CHECK(folder.read("disk/events.jsonl") == allEvents(folder));
}

TEST_CASE("another file system mounted over the data folder fails the run and stays empty",
          "[F13]") {
    const TemporaryFolder folder;
    folder.write("p.yaml", kSheets);
    Program program(folder.path(), {"run", "p.yaml", "--batch-id", "b", "--json"});
    REQUIRE(program.waitForOutput("waiting"));
    {
        const SmallDisk over(folder / "sheafline-data", "16m");
        if (!over.mounted()) {
            WARN("skipped: no tmpfs can be mounted here");
            return;
        }
        folder.write("go", "");
        CHECK(program.wait().status != 0);
        CHECK_FALSE(std::filesystem::exists(folder / "sheafline-data/history.db"));
    }
    // The running stage may have failed, because its files no longer existed.
    const bool failed =
        HistoryReader(folder / "sheafline-data/history.db").batch("b")->state == BatchState::failed;
    const auto next = runProgram(folder.path(), {failed ? "retry" : "resume", "b"});
    INFO(next.out << next.err);
    CHECK(next.status == 0);
    CHECK(HistoryReader(folder / "sheafline-data/history.db").batch("b")->sheets_read == 400);
}

TEST_CASE("a history without its -wal file is older, but never damaged or empty", "[F32]") {
    const TemporaryFolder folder;
    folder.write("p.yaml", kSheets);
    {
        Program program(folder.path(), {"run", "p.yaml", "--batch-id", "b", "--json"});
        REQUIRE(program.waitForOutput("waiting"));
        program.signal(SIGKILL);
        program.wait();
    }
    folder.write("go", "");
    std::filesystem::remove(folder / "sheafline-data/history.db-wal");
    const auto result = runProgram(folder.path(), {"resume", "b"});
    INFO(result.status << result.err);
    // The batch was in the removed folder, and the error says so.
    CHECK(result.status == 2);
    CHECK(result.err.find("there is no batch 'b'") != std::string::npos);
    CHECK(std::filesystem::exists(folder / "sheafline-data/history.db"));
    CHECK(runProgram(folder.path(), {"run", "p.yaml", "--batch-id", "c"}).status == 0);
}

TEST_CASE("a stored archive with a flipped bit is named and never used", "[F14]") {
    const TemporaryFolder folder;
    REQUIRE(runProgram(folder.path(), {"sample", "--sheets", "4", "--out", "s.zip"}).status == 0);
    folder.write("p.yaml",
                 "name: unpack\nstages:\n  - {id: extract, uses: extract, with: {archive: s.zip}}\n"
                 "  - {id: hold, uses: probe, with: {act: wait_for_file}}\n");
    {
        Program program(folder.path(), {"run", "p.yaml", "--batch-id", "b", "--json"});
        REQUIRE(program.waitForOutput("waiting"));
        program.signal(SIGTERM);
        program.wait();
    }
    folder.write("go", "");
    std::filesystem::remove_all(folder / "sheafline-data/work/b/stages/extract");
    flipInTheMiddle(folder / "sheafline-data/batches/b/archive.zip");
    const auto result = runProgram(folder.path(), {"resume", "b", "--json"});
    INFO(result.out << result.err);
    CHECK(result.status == 1);
    CHECK(result.out.find("\"code\":\"ARCHIVE_ENTRY\"") != std::string::npos);
    CHECK(std::filesystem::is_empty(folder / "sheafline-data/work/b/stages/extract"));
}

TEST_CASE("an extracted image in which a bit has flipped is named, and its sheet is not read",
          "[F14]") {
    const TemporaryFolder folder;
    REQUIRE(runProgram(folder.path(), {"sample", "--sheets", "4", "--out", "s.zip"}).status == 0);
    folder.write(
        "p.yaml",
        "name: read\nstages:\n  - {id: extract, uses: extract, with: {archive: s.zip}}\n"
        "  - {id: hold, uses: probe, with: {act: wait_for_file}}\n"
        "  - {id: organize, uses: organize_qr, with: {pattern: \"(?<group>.+)/.*\", group_by: "
        "\"{group}\", on_unreadable: quarantine}}\n");
    Program program(folder.path(), {"run", "p.yaml", "--batch-id", "b", "--json"});
    REQUIRE(program.waitForOutput("waiting"));
    const auto file = folder / "sheafline-data/work/b/stages/extract/000002.jpg";
    if (::getxattr(file.c_str(), "user.sheafline.crc32", nullptr, 0) < 0 && errno == ENOTSUP) {
        WARN("skipped: this file system has no attributes");
        return;
    }
    flipInTheMiddle(file);
    folder.write("go", "");
    const auto result = program.wait();
    INFO(result.out << result.err);
    CHECK(result.status == 0);
    HistoryReader history(folder / "sheafline-data/history.db");
    for (const Sheet& sheet : history.sheets("b")) {
        INFO(sheet.number << ": " << sheet.reason);
        CHECK((sheet.state == SheetState::quarantined) == (sheet.number == 2));
        CHECK((sheet.reason.find("its checksum differs") != std::string::npos) ==
              (sheet.number == 2));
    }
}
