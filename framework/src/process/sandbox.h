// Removes the rights that decoding a picture does not need from the calling process. It may still
// use memory and its open descriptors, and read files below `readable`. Writing or creating files,
// opening sockets, and starting programs or processes fail with EPERM or EACCES.
//
// seccomp filters the system calls and Landlock the files, each if the kernel has it. Both apply to
// all threads that start afterwards and cannot be removed. Call it while the process has one
// thread.
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
