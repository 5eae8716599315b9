// A proxy on a free port of 127.0.0.1 that breaks connections by RST after a given number of bytes
// towards the server, as a mobile network does.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace sheafline::test {

class CuttingProxy {
 public:
    // `cut_after` has, for the first, second, … connection, the number of bytes towards the server
    // after which it breaks; 0: never.
    CuttingProxy(int server_port, std::function<std::size_t(int)> cut_after);
    ~CuttingProxy();
    CuttingProxy(const CuttingProxy&) = delete;
    CuttingProxy& operator=(const CuttingProxy&) = delete;

    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    int cuts() const { return cuts_; }

 private:
    void accept();
    void serve(int client, std::size_t cut_after);

    const int server_port_;
    const std::function<std::size_t(int)> cut_after_;
    int listener_ = -1;
    int port_ = 0;
    std::atomic<int> cuts_ = 0;
    std::atomic<bool> ended_ = false;
    std::vector<std::thread> connections_;
    std::thread acceptor_;
};

}  // namespace sheafline::test
