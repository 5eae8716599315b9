// Our own program started again as another process, with one socket between the two at its
// descriptor 3. It is started by exec, never by a fork that goes on: the parent has threads.
#pragma once

#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

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
    // from it.
    enum class Group { same, own };
    Process(const std::vector<std::string>& arguments, Group group);
    ~Process();  // kills and reaps what still runs
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    pid_t pid() const { return pid_; }
    int socket() const { return socket_; }
    void kill(int signal) const;
    ProcessEnd wait();  // reaps; call it once the socket ended or after a kill

 private:
    pid_t pid_ = -1;
    int socket_ = -1;
};

// To be called first by a started process: it dies with its parent, and tells when that is gone
// already.
void dieWithParent();

std::string signalName(int signal);

}  // namespace sheafline
