// What processes that handle data from outside can do, and which secrets they can see.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "base/process_tree.h"
#include "history/history_reader.h"
#include "program.h"
#include "temporary_folder.h"

using namespace sheafline;

namespace {

constexpr const char* kSecret = "hush-4711";
constexpr const char* kNoCore = "Max core file size        0                    0";

std::string contents(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string ofProcess(pid_t pid, const char* what) {
    return contents("/proc/" + std::to_string(pid) + "/" + what);
}

// The value of a line such as "Seccomp:\t2".
std::string statusOf(pid_t pid, const std::string& key) {
    const std::string text = ofProcess(pid, "status");
    const auto at = text.find("\n" + key + ":\t");
    if (at == std::string::npos) return {};
    const auto begin = at + key.size() + 3;
    return text.substr(begin, text.find('\n', begin) - begin);
}

// The words that identify one of our processes: "worker-process", or a program's name.
std::string roleOf(pid_t pid) {
    std::string words = ofProcess(pid, "cmdline");
    std::ranges::replace(words, '\0', ' ');
    return words;
}

void checkNoFileHas(const std::filesystem::path& folder, const std::string& secret) {
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
        if (!file.is_regular_file()) continue;
        INFO(file.path());
        CHECK(contents(file.path()).find(secret) == std::string::npos);
    }
}

bool runsUnderSanitizers() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return true;
#else
    return false;
#endif
}

}  // namespace

TEST_CASE("a confined processor reads its sheet and can do nothing else") {
    if (runsUnderSanitizers()) {
        WARN("skipped: the filter of system calls is left out under sanitizers");
        return;
    }
    const TemporaryFolder folder;
    folder.write("secret.txt", kSecret);
    folder.write(
        "p.yaml",
        "name: confined\nstages:\n"
        "  - {id: make, uses: probe, with: {act: sheets, count: 3}}\n"
        "  - {id: read, uses: dispatch, with: {processor: confined, other: secret.txt}}\n");
    const auto result = runProgram(folder.path(), {"run", "p.yaml", "--batch-id", "b"});
    INFO(result.out << result.err);
    REQUIRE(result.status == 0);
    HistoryReader history(folder / "sheafline-data/history.db");
    const std::vector<std::string> rejected{"ok",    "EACCES", "EPERM", "EPERM", "EPERM",
                                            "EPERM", "EPERM",  "EPERM", "EPERM", "EPERM"};
    for (int sheet = 1; sheet <= 3; ++sheet) CHECK(history.reading("b", sheet)->values == rejected);
}

TEST_CASE("the workers that read codes and marks are confined") {
    if (runsUnderSanitizers()) return;
    const TemporaryFolder folder;
    REQUIRE(runProgram(folder.path(), {"sample", "--sheets", "40", "--out", "s.zip"}).status == 0);
    Program batch(folder.path(), {"run", SHEAFLINE_SOURCE_DIR "/pipelines/omr-batch.yaml",
                                  "--input", "s.zip", "--batch-id", "b"});
    std::set<std::string> confined_in;
    CHECK(eventually([&] {
        for (const pid_t pid : descendantsOf(batch.pid())) {
            if (statusOf(pid, "Seccomp") == "2" && statusOf(pid, "NoNewPrivs") == "1")
                confined_in.insert(roleOf(pid));
        }
        return !confined_in.empty();
    }));
    CHECK(batch.wait().status == 0);
    REQUIRE(confined_in.size() == 1);
    CHECK(confined_in.begin()->find("worker-process") != std::string::npos);
    CHECK(HistoryReader(folder / "sheafline-data/history.db").batch("b")->sheets_read == 40);
}

TEST_CASE("a secret is in no process that does not need it, and in no command line") {
    const TemporaryFolder folder;
    folder.write("wait.sh", "#!/bin/sh\nenv > \"$1.env\"\nsleep 60\n");
    std::filesystem::permissions(folder / "wait.sh", std::filesystem::perms::owner_all);
    folder.write(
        "p.yaml",
        "name: hush\nparams:\n  password: {type: string, default: none}\n"
        "stages:\n  - {id: make, uses: probe, with: {act: sheets, count: 1}}\n"
        "  - id: read\n    uses: dispatch\n"
        "    with: {processor: command, command: [./wait.sh, \"{path}\"], columns: [a]}\n"
        "  - {id: use, uses: probe, with: {act: secret, note: \"${{ secrets.DATABASE }}\"}}\n");
    Program batch(folder.path(), {"run", "p.yaml", "--batch-id", "b"},
                  {{"SHEAFLINE_SECRET_DATABASE", kSecret},
                   {"SHEAFLINE_TOKEN", std::string(kSecret) + "-token"},
                   {"PGPASSWORD", std::string(kSecret) + "-pg"}});
    std::set<std::string> seen;
    REQUIRE(eventually([&] {
        const auto processes = descendantsOf(batch.pid());
        // The script's last command; its first one, env, has ended by then.
        return std::ranges::any_of(
            processes, [](pid_t pid) { return roleOf(pid).find("sleep") != std::string::npos; });
    }));
    for (const pid_t pid : descendantsOf(batch.pid())) {
        const std::string role = roleOf(pid);
        INFO(role);
        CHECK(role.find(kSecret) == std::string::npos);
        CHECK(statusOf(pid, "CoreDumping") == "0");
        CHECK(ofProcess(pid, "limits").find(kNoCore) != std::string::npos);
        if (role.find("batch-process") != std::string::npos) {
            seen.insert("batch");
            continue;  // it resolves the secrets of its pipeline
        }
        CHECK(ofProcess(pid, "environ").find(kSecret) == std::string::npos);
        if (role.find("worker-process") != std::string::npos) seen.insert("worker");
        if (role.find("wait.sh") == std::string::npos) continue;
        seen.insert("program");
        CHECK(statusOf(pid, "NoNewPrivs") == "1");
    }
    CHECK(seen == std::set<std::string>{"batch", "program", "worker"});
    CHECK(ofProcess(batch.pid(), "cmdline").find(kSecret) == std::string::npos);
    batch.signal(SIGTERM);
    const auto result = batch.wait();
    CHECK(result.out.find(kSecret) == std::string::npos);
    CHECK(result.err.find(kSecret) == std::string::npos);
    checkNoFileHas(folder.path(), kSecret);
}

TEST_CASE("the process of a sink gets its secret as a param and in no other way") {
    const TemporaryFolder folder;
    folder.write("p.yaml",
                 "name: hush\nstages:\n  - {id: a, uses: probe, with: {act: wait}}\n"
                 "sinks:\n  - {uses: nasty_sink, with: {act: hang, password: "
                 "\"${{ secrets.DATABASE }}\"}}\n");
    Program batch(folder.path(), {"run", "p.yaml", "--batch-id", "b"},
                  {{"SHEAFLINE_SECRET_DATABASE", kSecret},
                   {"SHEAFLINE_TOKEN", std::string(kSecret) + "-token"},
                   {"PGPASSWORD", std::string(kSecret) + "-pg"}});
    std::vector<pid_t> processes;  // its guard and itself
    REQUIRE(eventually([&] {
        processes = descendantsOf(batch.pid());
        std::erase_if(processes, [](pid_t pid) {
            return roleOf(pid).find("sink-process") == std::string::npos;
        });
        return processes.size() == 2;
    }));
    for (const pid_t pid : processes) {
        INFO(roleOf(pid));
        CHECK(roleOf(pid).find(kSecret) == std::string::npos);
        CHECK_FALSE(ofProcess(pid, "environ").empty());
        CHECK(ofProcess(pid, "environ").find(kSecret) == std::string::npos);
        CHECK(ofProcess(pid, "limits").find(kNoCore) != std::string::npos);
    }
    batch.signal(SIGTERM);
    const auto result = batch.wait();
    CHECK((result.out + result.err).find(kSecret) == std::string::npos);
    checkNoFileHas(folder.path(), kSecret);
}
