// A server that a test can lose: killed with all that was on its disk, or stopped for a time. One
// thread.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <sys/types.h>
#include <vector>

#include "http_client.h"
#include "program.h"

namespace sheafline::test {

class LosableServer {
 public:
    using Environment = std::map<std::string, std::string>;

    // Starts `serve` in `folder` with the data folder `data`; returns when it listens.
    LosableServer(const std::filesystem::path& folder, const std::string& data,
                  Environment environment);
    ~LosableServer() { lose(); }
    LosableServer(const LosableServer&) = delete;
    LosableServer& operator=(const LosableServer&) = delete;

    const std::string& id() const { return id_; }  // the owner of its leases
    const std::string& url() const { return url_; }
    // It answers soon, or it was stopped.
    HttpClient client() const { return HttpClient(url_, std::chrono::seconds(2)); }
    const Program& program() const { return program_; }
    bool isLost() const { return lost_; }
    bool runsBatches() const;

    // SIGSTOP and SIGCONT, for the server and all processes below it.
    void stop();
    void proceed();
    // kill -9; returns when its processes are gone, and removes its data folder.
    void lose();

 private:
    std::vector<pid_t> processes() const;

    const std::filesystem::path data_;
    Program program_;
    const std::string url_;
    const std::string id_;
    bool lost_ = false;
};

}  // namespace sheafline::test
