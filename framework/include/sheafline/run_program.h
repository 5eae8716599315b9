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
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
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
    // Gets each line of standard output when it arrives, without its end. Then the output is not
    // kept, and max_output limits one line. What it throws ends the program and leaves
    // runProgram().
    std::function<void(std::string_view line)> on_line{};
};

struct ProgramEnd {
    std::string output{};  // of standard output
    std::string error{};   // what went wrong, with the last line of standard error; empty: nothing
    int status = -1;       // the exit status; -1: it was killed, or not started
};

SHEAFLINE_API ProgramEnd runProgram(const ProgramSpec& spec);

// The file of a program, searched as runProgram() does; empty if there is no executable one.
SHEAFLINE_API std::filesystem::path findProgram(const std::string& name,
                                                const std::filesystem::path& folder = {});

// The absolute path of a program that findProgram() finds. Throws Error of class permanent with the
// code PROGRAM_MISSING, which says where it was searched.
SHEAFLINE_API std::filesystem::path requireProgram(const std::string& name,
                                                   const std::filesystem::path& folder);

// PATH, HOME, LANG and TMPDIR of the caller, as far as they are set, and those that `more` names.
SHEAFLINE_API std::vector<std::string> plainEnvironment(const std::vector<std::string>& more = {});

// `argument` with each placeholder, such as "{path}", replaced by its value. Pure. One pass: a
// value is never searched for placeholders.
SHEAFLINE_API std::string withPlaceholders(
    std::string_view argument,
    std::span<const std::pair<std::string_view, std::string>> placeholders);

}  // namespace sheafline
