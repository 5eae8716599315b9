// Starts a program without a shell. Any thread. The program inherits no signal mask, ignored signal
// or open file of the caller, except the files that the spec names.
//
//     const int pid = spawn({.arguments = {"python3", "read.py"}, .output = pipe.get()});
//
// The caller waits for the process (waitpid), or uses runProgram(), which does all of this.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sheafline/export.h>

namespace sheafline {

struct SpawnSpec {
    // The first is the program: searched for in PATH, or a path if it contains a '/'.
    std::vector<std::string> arguments{};
    std::filesystem::path program{};  // the file to start, if it is not the first argument
    std::filesystem::path folder{};   // its working folder; empty: the caller's
    std::optional<std::vector<std::string>> environment{};  // NAME=VALUE; else the caller's
    int output = -1;                                        // its standard output; -1: the caller's
    int errors = -1;                                        // its standard error; -1: the caller's
    int socket = -1;                                        // its descriptor 3; -1: it has none
    bool own_group = false;  // it leads a process group, so that kill(-pid) also reaches its
                             // children
    // The kernel kills it (SIGKILL) when the calling thread ends, also by kill -9 of its process.
    // What it has started itself is not killed.
    bool ends_with_caller = false;
};

// Returns the process id. Standard input is /dev/null. Throws Error if the program cannot be
// started; the message names the program and the reason.
SHEAFLINE_API int spawn(const SpawnSpec& spec);

}  // namespace sheafline
