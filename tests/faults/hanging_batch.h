// A batch whose processor `command` starts a program that hangs, with children, sessions and
// daemons.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "program.h"
#include "temporary_folder.h"

namespace sheafline::faults {

// A program, a child of it, a child in another session, a daemon, a daemon in another session.
inline constexpr int kProcesses = 5;
inline constexpr const char* kScript = R"(#!/bin/sh
me=$(pwd)/hang-sleep
"$me" 3000 &
setsid "$me" 3000 &
( "$me" 3000 & )
setsid sh -c "\"$me\" 3000 &"
exec "$me" 3000
)";

struct Hanging {
    TemporaryFolder folder{};

    explicit Hanging(const std::string& limits = "sheet_timeout: 1h, timeout: 1d",
                     const std::string& script = kScript) {
        std::filesystem::copy_file("/bin/sleep", folder / "hang-sleep");
        folder.write("hang", script);
        std::filesystem::permissions(folder / "hang", std::filesystem::perms::owner_all);
        folder.write("p.yaml",
                     "name: hang\nstages:\n  - {id: make, uses: probe, with: {act: sheets, count: "
                     "1}}\n  - {id: process, uses: dispatch, skip: {limit: 100%}, with: "
                     "{processor: command, command: [./hang], columns: [a], workers: 1, " +
                         limits + "}}\n");
    }

    // The programs of this test, anywhere in the tree of processes.
    std::set<pid_t> programs() const {
        std::set<pid_t> found;
        std::error_code gone;
        for (std::filesystem::directory_iterator it("/proc", gone);
             it != std::filesystem::directory_iterator(); it.increment(gone)) {
            std::ifstream in(it->path() / "cmdline", std::ios::binary);
            std::string line;
            std::getline(in, line);  // a process that ends meanwhile has an empty one
            if (line.find((folder / "hang-sleep").string()) == 0)
                found.insert(std::stoi(it->path().filename().string()));
        }
        return found;
    }
    bool allRun() const {
        return eventually([&] { return programs().size() >= kProcesses; });
    }
    bool allGone(const std::set<pid_t>& some) const {
        return eventually([&] {
            const std::set<pid_t> now = programs();
            return std::ranges::none_of(some, [&](pid_t pid) { return now.contains(pid); });
        });
    }
    bool allGone() const {
        return eventually([&] { return programs().empty(); });
    }
};

}  // namespace sheafline::faults
