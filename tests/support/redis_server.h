// A real redis-server for one test: in memory only, on a free port of 127.0.0.1. It ends with the
// test.
//
//     RedisServer redis;
//     redis.cli("GET batch:a:progress:current");
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "child_server.h"
#include "temporary_folder.h"

namespace sheafline::test {

class RedisServer {
 public:
    static bool installed();

    // `options` has the form of its command line: {"--maxmemory", "4mb"}. Restarts keep the port.
    explicit RedisServer(std::vector<std::string> options = {});
    ~RedisServer();  // also if it is frozen
    RedisServer(const RedisServer&) = delete;
    RedisServer& operator=(const RedisServer&) = delete;

    int port() const { return port_; }
    std::string url() const;
    std::string cli(const std::string& arguments) const;  // what redis-cli prints

    void kill();   // SIGKILL
    void start();  // empty; returns when it takes connections
    void start(std::vector<std::string> options);
    void freeze() const;  // SIGSTOP: it accepts connections, and does not answer
    void thaw() const;    // SIGCONT

 private:
    const TemporaryFolder folder_{};
    const int port_;
    std::vector<std::string> options_;
    std::optional<ChildServer> server_{};
};

}  // namespace sheafline::test
