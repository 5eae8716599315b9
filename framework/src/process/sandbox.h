// Takes the rights away from the calling process that the decoding of a picture does not need. What
// stays: memory, the descriptors that are open, and reading files below `readable`. Writing and
// making files, sockets, programs and processes fail with EPERM or EACCES.
//
// The system calls are filtered by seccomp, the files by Landlock, each where the kernel has it.
// Both hold for all threads that start afterwards, and cannot be lifted again. To be called while
// the process has one thread.
#pragma once

#include <span>
#include <string>

namespace sheafline {

struct Sandbox {
    bool filters_calls = false;
    bool restricts_files = false;
};

// Returns what the kernel and this build offer: the filter is left out under sanitizers.
Sandbox enterSandbox(std::span<const std::string> readable);

// No program that this process starts gets more rights than it has (set-user-ID and the like).
void forbidNewPrivileges();

}  // namespace sheafline
