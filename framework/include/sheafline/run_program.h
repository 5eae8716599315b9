// Runs one program to its end: no shell, no standard input, no open file of the caller. At its end,
// at the time limit, the output limit or a stop it is killed with everything that it started. Any
// thread. A daemon that left its session and its parent is killed when the worker process or batch
// process that called this ends.
//
//     const ProgramEnd end = runProgram({.arguments = {"python3", "read.py", path}});
//     if (!end.error.empty()) ...  // "the program ended with status 3: no such model"
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <sheafline/export.h>

namespace sheafline {

struct ProgramSpec {
    std::vector<std::string> arguments{};  // the first is the program: a path, or a name in PATH
    std::filesystem::path folder{};        // its working folder; empty: the caller's
    std::optional<std::vector<std::string>> environment{};  // NAME=VALUE; else the caller's
    std::chrono::milliseconds timeout{60'000};
    std::uint64_t max_output = 1U << 20U;  // of standard output, in bytes
    std::stop_token stop{};
};

struct ProgramEnd {
    std::string output{};  // of standard output
    std::string error{};   // what went wrong, with the last line of standard error; empty: nothing
};

SHEAFLINE_API ProgramEnd runProgram(const ProgramSpec& spec);

// The file of a program, searched as runProgram() does; empty if there is no executable one.
SHEAFLINE_API std::filesystem::path findProgram(const std::string& name,
                                                const std::filesystem::path& folder = {});

// PATH, HOME, LANG and TMPDIR of the caller, as far as they are set, and those that `more` names.
SHEAFLINE_API std::vector<std::string> plainEnvironment(const std::vector<std::string>& more = {});

}  // namespace sheafline
