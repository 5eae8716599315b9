// Our own program started again as another process, with one socket between the two at its
// descriptor 3. It is started by exec, because the parent has threads. The started process calls
// guardThisProcess() first; see process_guard.h. One thread at a time, except kill().
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

#include <sheafline/file_descriptor.h>

namespace sheafline {

inline constexpr int kPeerSocket = 3;  // in the started process

// How a process ended: "exit status 1", "killed by SIGSEGV".
struct ProcessEnd {
    bool clean = false;  // exit status 0
    int status = 0;      // exit status, or -1 if a signal ended it
    int signal = 0;
    std::string text{};
};

class Process {
 public:
    // The arguments follow the program's name. An own group keeps the terminal's Ctrl-C away from
    // it. It reads nothing from our standard input, and what it prints goes to our standard error.
    // Throws Error if it cannot be started.
    enum class Group { same, own };
    Process(const std::vector<std::string>& arguments, Group group);
    ~Process();  // kills and reaps what still runs
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    pid_t pid() const { return pid_; }  // of its guard; -1 once it was reaped
    int socket() const { return socket_.get(); }
    void kill() const;  // it and everything that it started; also if it is stopped
    ProcessEnd wait();  // reaps; call it once the socket ended or after a kill
    // As wait(), but kills what is still there after `patience`.
    ProcessEnd waitAtMost(std::chrono::milliseconds patience);
    bool ended() const;  // it and everything that it started; reaps nothing
    // Its anonymous and shared memory (RssAnon + RssShmem); 0 if it no longer exists.
    std::uint64_t memoryBytes() const;
    // Whether its group has more than `most` processes, including dead ones that are not reaped.
    bool groupHasMoreThan(std::size_t most) const;

 private:
    pid_t workerPid() const;

    pid_t pid_ = -1;
    mutable pid_t worker_pid_ = 0;  // 0: not known yet
    FileDescriptor socket_;
};

// Whether the socket has bytes to read, or has ended, within `patience`.
bool waitReadable(int socket, std::chrono::milliseconds patience);

// Limits the calling process and those that it starts; it cannot be raised again.
void limitOpenFiles(std::uint64_t most);

// For this process and all that it starts: a dump would contain secrets and pupils' answers.
void disableCoreDumps();

std::string signalName(int signal);

}  // namespace sheafline
