#include "backup_site.h"

#include <csignal>
#include <filesystem>
#include <map>

#include <catch2/catch.hpp>

namespace sheafline::test {

namespace fs = std::filesystem;

namespace {

constexpr int kKilled = 128 + SIGKILL;

std::map<std::string, std::string> with(const std::string& fault) {
    if (fault.empty()) return {};
    return {{"SHEAFLINE_FAULT", fault}};
}

}  // namespace

BackupSite::BackupSite(int sheets) {
    const auto sample = runProgram(folder.path(), {"sample", "--sheets", std::to_string(sheets),
                                                   "--seed", "3", "--out", "sheets.zip"});
    REQUIRE(sample.status == 0);
    auto arguments = runArguments();
    arguments.insert(arguments.end(), {"--data-dir", "undisturbed"});
    REQUIRE(runProgram(folder.path(), arguments).status == 0);
    expected = folder.read("undisturbed/batches/b/artifacts/math.csv");
    REQUIRE(expected.size() > 100);
}

std::vector<std::string> BackupSite::runArguments() const {
    return {"run", "omr-batch", "--input", "sheets.zip", "--set", "exam=math", "--batch-id", "b"};
}

ProgramResult BackupSite::backup(const std::string& target, const std::string& fault) const {
    return runProgram(folder.path(), {"backup", target}, with(fault));
}

ProgramResult BackupSite::restore(const std::string& backup, const std::string& data,
                                  const std::string& fault) const {
    return runProgram(folder.path(), {"restore", backup, "--data-dir", data}, with(fault));
}

bool BackupSite::continues(const std::string& data) const {
    const auto resume = runProgram(folder.path(), {"resume", "b", "--data-dir", data});
    const bool ended = resume.err.find("already completed") != std::string::npos;
    const std::string rows = folder.read(data + "/batches/b/artifacts/math.csv");
    if ((resume.status == 0 || ended) && rows == expected) return true;
    UNSCOPED_INFO(data << ": " << resume.err << resume.out << rows.size() << " bytes of "
                       << expected.size());
    return false;
}

void killEverywhere(int kills) {
    const BackupSite site(24);
    const auto exists = [&](const std::string& name) { return fs::exists(site.folder / name); };
    const Program run(site.folder.path(), site.runArguments());
    REQUIRE(eventually([&] { return exists("sheafline-data/batches/b/archive.zip"); }));
    int done = 0;
    for (int i = 1; done < kills; ++i) {
        const std::string number = std::to_string(i);
        const std::string backup = "backup-" + number;
        const std::string data = "restored-" + number;
        std::vector<std::string> faults{"backup.freeze:1", "backup.manifest:1", "backup.publish:1"};
        if (i > 3) faults = {"backup.copied:" + std::to_string(i - 3)};
        const std::string fault = faults.at(i > 3 ? 0 : static_cast<std::size_t>(i - 1));
        CAPTURE(fault);
        const int status = site.backup(backup, fault + ":kill").status;
        if (status == kKilled) {
            ++done;
            CHECK_FALSE(exists(backup));
            CHECK(site.restore(backup + ".partial", data).status == (i == 2 || i == 3 ? 0 : 1));
            fs::remove_all(site.folder / data);
            CHECK(site.backup(backup).status == 0);
        } else {
            CHECK(status == 0);  // it has fewer steps
        }
        for (const std::string restore_fault :
             {"backup.publish:1:kill", "restore.copied:1:kill", "restore.copied:4:kill"}) {
            CAPTURE(restore_fault);
            if (site.restore(backup, data, restore_fault).status == kKilled) {
                ++done;
                CHECK_FALSE(exists(data));
            }
        }
        if (!exists(data)) CHECK(site.restore(backup, data).status == 0);
        CHECK(site.continues(data));
    }
}

}  // namespace sheafline::test
