// This program started again as a person would start it, to be killed: its standard output is read
// as it comes, its standard error goes to a file. One thread at a time, save for kill().
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <sys/types.h>
#include <vector>

#include <sheafline/file_descriptor.h>

namespace sheafline::faults {

class ChildProgram {
 public:
    ChildProgram(const std::vector<std::string>& arguments,
                 const std::map<std::string, std::string>& environment,
                 const std::filesystem::path& standard_error);
    ~ChildProgram();  // kills it where it still runs
    ChildProgram(const ChildProgram&) = delete;
    ChildProgram& operator=(const ChildProgram&) = delete;

    pid_t pid() const { return pid_; }
    // Reads what it writes until it, and all that it started, ended. Its pid is still its own then.
    void readToEnd();
    // Reaps it. Gives the exit status, or 128 and the signal that ended it.
    int wait();
    const std::string& output() const { return output_; }
    // From the start to the first byte of output.
    std::chrono::milliseconds readyAfter() const { return ready_after_; }

 private:
    pid_t pid_ = -1;
    FileDescriptor pipe_;
    const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
    std::chrono::milliseconds ready_after_{0};
    std::string output_;
};

// The processes that `pid` started: of an owner its batch processes, of those their workers.
std::vector<pid_t> childrenOf(pid_t pid);

}  // namespace sheafline::faults
