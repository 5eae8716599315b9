// Full, read-only and damaged disks. Those that need a file system of their own mount a small tmpfs
// and are skipped where this may not be done.
#include <fstream>
#include <signal.h>
#include <string>
#include <sys/mount.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "history_reader.h"
#include "program.h"
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

class SmallDisk {
 public:
    SmallDisk(const std::filesystem::path& folder, const std::string& size) : folder_(folder) {
        std::filesystem::create_directories(folder_);
        mounted_ = ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
    }
    ~SmallDisk() {
        if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    bool mounted() const { return mounted_; }
    bool readOnly(bool wanted) const {
        return ::mount("tmpfs", folder_.c_str(), "tmpfs",
                       MS_REMOUNT | (wanted ? static_cast<unsigned long>(MS_RDONLY) : 0UL),
                       nullptr) == 0;
    }
    void fill() const {
        std::ofstream filler(folder_ / "filler", std::ios::binary);
        const std::string block(4096, 'x');
        while (filler.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
        }
    }
    void makeRoom() const { std::filesystem::remove(folder_ / "filler"); }

 private:
    const std::filesystem::path folder_;
    bool mounted_ = false;
};

std::string allEvents(const TemporaryFolder& folder) {
    return runProgram(folder.path(), {"batches", "events", "b"}).out;
}

}  // namespace

TEST_CASE("a history on a full disk writes its reason into the reserve, and the batch resumes") {
    const TemporaryFolder folder;
    const SmallDisk disk(folder / "sheafline-data", "96m");
    if (!disk.mounted()) {
        WARN("skipped: no tmpfs can be mounted here");
        return;
    }
    folder.write("p.yaml", kSheets);
    Program program(folder.path(), {"run", "p.yaml", "--batch-id", "b", "--json"});
    REQUIRE(program.waitForOutput("waiting"));
    disk.fill();
    folder.write("go", "");
    const auto result = program.wait();
    INFO(result.out << result.err);
    CHECK(result.status == 4);
    CHECK(result.err.find("is full: all batches stop") != std::string::npos);
    CHECK(allEvents(folder).find("\"code\":\"DISK_FULL\"") != std::string::npos);
    disk.makeRoom();
    CHECK(runProgram(folder.path(), {"resume", "b"}).status == 0);
    CHECK(HistoryReader(folder / "sheafline-data/history.db").batch("b")->sheets_read == 400);
}

TEST_CASE("a disk that becomes read-only stops the batch, which resumes when it is writable") {
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
    const auto refused = runProgram(folder.path(), {"resume", "b"});
    CHECK(refused.status == 78);
    CHECK(refused.err.find("Read-only file system") != std::string::npos);
    REQUIRE(disk.readOnly(false));
    CHECK(runProgram(folder.path(), {"resume", "b"}).status == 0);
}

TEST_CASE("a damaged history is set aside and named, and nothing takes its place in silence") {
    const TemporaryFolder folder;
    folder.write("p.yaml", "name: one\nstages:\n  - {id: a, uses: probe}\n");
    REQUIRE(runProgram(folder.path(), {"run", "p.yaml", "--batch-id", "b"}).status == 0);
    {
        std::fstream file(folder / "sheafline-data/history.db",
                          std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(GENERATE(0, 100, 8192));
        file << std::string(4000, '\x5a');
    }
    const auto refused = runProgram(folder.path(), {"run", "p.yaml", "--batch-id", "c"});
    INFO(refused.err);
    CHECK(refused.status == 78);
    CHECK(refused.err.find("was set aside as") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(folder / "sheafline-data/history.db"));
    CHECK(runProgram(folder.path(), {"run", "p.yaml", "--batch-id", "c"}).status == 0);
}

TEST_CASE("an I/O error at any write of the batch fails it by name, and never looks like success") {
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
