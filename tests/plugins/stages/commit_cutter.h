// Stands between a client and a PostgreSQL server, and cuts the connection when a COMMIT has
// reached the server and its answer is on its way: the client cannot know what became of it.
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
    void cutAt(int commit) { cut_at_ = commit; }  // of the next connections; 0: none

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
