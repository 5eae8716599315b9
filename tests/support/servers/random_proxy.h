// nginx on a free port of 127.0.0.1, which chooses one of several servers at random for each
// request. It ends with the test.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "child_server.h"
#include "temporary_folder.h"

namespace sheafline::test {

class RandomProxy {
 public:
    static bool installed();

    // In front of servers on these ports of 127.0.0.1. `port` 0: a free one.
    explicit RandomProxy(const std::vector<std::string>& ports, int port = 0);

    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
    std::string configuration(const std::vector<std::string>& ports) const;

    const TemporaryFolder folder_{};
    const int port_;
    std::unique_ptr<ChildServer> server_;
};

}  // namespace sheafline::test
