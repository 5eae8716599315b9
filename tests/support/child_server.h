// What the test servers of other makers share: a free port of 127.0.0.1, a program that dies with
// the test, and its log.
#pragma once

#include <cstdio>
#include <string>
#include <sys/types.h>
#include <thread>
#include <vector>

namespace sheafline::test {

int freePort();

// A running server. Its log is read to the end, because the server would stop if nobody read it.
class ChildServer {
 public:
    // As `user` where we are root and one is named. Returns once a line of the log holds `ready`,
    // or the program ended without it.
    ChildServer(const std::vector<std::string>& words, const std::string& ready,
                const char* user = nullptr);
    ~ChildServer() { kill(); }
    ChildServer(const ChildServer&) = delete;
    ChildServer& operator=(const ChildServer&) = delete;

    bool ready() const { return ready_; }
    pid_t pid() const { return pid_; }
    void kill();  // SIGKILL to it and its children, and waits for their end
    int wait();   // for its end by itself; its status

 private:
    pid_t pid_ = -1;
    bool ready_ = false;
    std::jthread log_reader_{};  // ends when the last child has closed the log
};

// What a program printed; throws where it failed.
std::string outputOf(const std::string& command);

}  // namespace sheafline::test
