// Our own program started again as another process, with one socket between the two at its
// descriptor 3. It is started by exec, never by a fork that goes on: the parent has threads.
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

// What a process ended with: "exit status 1", "killed by SIGSEGV".
struct ProcessEnd {
    bool clean = false;  // exit status 0
    int status = 0;      // exit status, or -1 where a signal ended it
    int signal = 0;
    std::string text{};
};

class Process {
 public:
    // The arguments follow the program's name. A group of its own keeps the terminal's Ctrl-C away
    // from it, and what it leaves behind is killed with it. It reads nothing from our standard
    // input, and what it prints goes to our standard error.
    enum class Group { same, own };
    Process(const std::vector<std::string>& arguments, Group group);
    ~Process();  // kills and reaps what still runs
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    pid_t pid() const { return pid_; }
    int socket() const { return socket_.get(); }
    void kill(int signal) const;
    ProcessEnd wait();  // reaps; call it once the socket ended or after a kill
    // As wait(), but kills what is still there after `patience`.
    ProcessEnd waitAtMost(std::chrono::milliseconds patience);
    // Whether it ended; a process that it left behind may hold its socket open. Reaps nothing.
    bool ended() const;

 private:
    const Group group_;
    pid_t pid_ = -1;
    FileDescriptor socket_;
};

// Whether something can be read from the socket, or its end, within `patience`.
bool waitReadable(int socket, std::chrono::milliseconds patience);

// What it holds in memory and no file could give back; 0 where it is gone.
std::uint64_t memoryBytesOf(pid_t pid);

// Whether a group has more than `most` processes, dead ones that nobody has reaped among them.
bool groupHasMoreThan(std::size_t most, pid_t group);

// To be called first by a started process: it dies with its parent, and tells when that is gone
// already. Programs that it starts do not inherit the socket.
void dieWithParent();

// Of the calling process and those that it starts, for good.
void limitOpenFiles(std::uint64_t most);

// For this process and all that it starts: a dump would contain secrets and pupils' answers.
void disableCoreDumps();

std::string signalName(int signal);

}  // namespace sheafline
