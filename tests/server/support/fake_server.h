// A server on 127.0.0.1 that is part of a test: it keeps the heads of all requests, answers each at
// once with the same answer, without reading its body, and closes.
#pragma once

#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <Poco/Net/ServerSocket.h>

namespace sheafline::test {

class FakeServer {
 public:
    explicit FakeServer(std::string answer);
    ~FakeServer();
    FakeServer(const FakeServer&) = delete;
    FakeServer& operator=(const FakeServer&) = delete;

    std::string url() const;
    std::vector<std::string> heads() const;

 private:
    void serve(const std::stop_token& stop);

    const std::string answer_;
    Poco::Net::ServerSocket socket_;
    mutable std::mutex mutex_;
    std::vector<std::string> heads_;  // guarded by mutex_
    std::jthread thread_;             // last, because it uses all members above
};

}  // namespace sheafline::test
