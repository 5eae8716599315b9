// A proxy between a client and a PostgreSQL server. It cuts the connection after a COMMIT has
// reached the server and before its answer arrives: the client cannot know the result.
#pragma once

#include <atomic>
#include <string>
#include <thread>

namespace sheafline::test {

class CommitCutter {
 public:
    explicit CommitCutter(int server_port);
    ~CommitCutter();
    CommitCutter(const CommitCutter&) = delete;
    CommitCutter& operator=(const CommitCutter&) = delete;

    int port() const { return port_; }
    int cuts() const { return cuts_; }
    void cutAt(int commit) {
        cut_at_ = commit;
    }  // how many of the next connections to cut; 0: none

 private:
    void serve(const std::stop_token& stop);
    void carry(int client, int server, const std::stop_token& stop);

    const int server_port_;
    int listener_ = -1;
    int port_ = 0;
    std::atomic<int> cut_at_{0};
    std::atomic<int> cuts_{0};
    std::jthread thread_;
};

}  // namespace sheafline::test
