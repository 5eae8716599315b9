// This program, started again as a person would start it, so that a test can kill it. Its standard
// output is read while it runs, its standard error goes to a file. One thread at a time.
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
    ~ChildProgram();  // kills it if it still runs
    ChildProgram(const ChildProgram&) = delete;
    ChildProgram& operator=(const ChildProgram&) = delete;

    pid_t pid() const { return pid_; }
    // Reads its output until it and all processes that it started have ended. It is not reaped yet.
    void readToEnd();
    // Reaps it. Returns the exit status, or 128 plus the signal that ended it.
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

}  // namespace sheafline::faults
