// Shared by the test servers of other makers: a free port of 127.0.0.1, a program that ends with
// the test, and its log.
#pragma once

#include <cstdio>
#include <string>
#include <sys/types.h>
#include <thread>
#include <vector>

namespace sheafline::test {

int freePort();

// A running server. Its log is read to the end, because the server would block if nothing read it.
class ChildServer {
 public:
    // Runs as `user` if we are root and one is named. Returns when a line of the log contains
    // `ready`, or when the program has ended without it.
    ChildServer(const std::vector<std::string>& words, const std::string& ready,
                const char* user = nullptr);
    ~ChildServer() { kill(); }
    ChildServer(const ChildServer&) = delete;
    ChildServer& operator=(const ChildServer&) = delete;

    bool ready() const { return ready_; }
    pid_t pid() const { return pid_; }
    void kill();  // SIGKILL to it and its children, and waits for their end
    int wait();   // waits until it ends by itself; returns its status

 private:
    pid_t pid_ = -1;
    bool ready_ = false;
    std::jthread log_reader_{};  // ends when the last child has closed the log
};

// The output of a program; throws if it failed.
std::string outputOf(const std::string& command);

}  // namespace sheafline::test
