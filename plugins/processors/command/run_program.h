// Runs one program to its end: no shell, no standard input, no open files of ours, a process group
// of its own that is killed whole at the time limit or the output limit. Any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace sheafline {

struct ProgramEnd {
    std::string output{};  // of standard output
    std::string fault{};   // what went wrong: "the program ended with status 3: no such file"
};

ProgramEnd runProgram(const std::vector<std::string>& arguments, std::chrono::milliseconds timeout,
                      std::uint64_t max_output);

}  // namespace sheafline
