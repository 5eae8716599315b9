// Follows the stream of a batch as a browser does: it connects again after each break, with the id
// of the last event. Its own thread; thread-safe.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "http_client.h"

namespace sheafline::test {

class StreamClient {
 public:
    StreamClient(std::string url, std::string path, Headers headers);

    // Waits for the final event. Gives what was wrong: a missing or repeated seq; empty if nothing.
    std::string waitForEnd();
    std::uint64_t lastSeq() const;

 private:
    struct Frame {
        std::string id{};
        std::string name{};
    };

    void run(const std::stop_token& stop);
    bool follow(const std::stop_token& stop);  // one connection; true after the final event
    bool take(const Frame& frame);

    const std::string url_;
    const std::string path_;
    const Headers headers_;

    mutable std::mutex mutex_;
    // guarded by mutex_
    std::uint64_t last_seq_ = 0;
    std::string fault_{};
    bool ended_ = false;
    std::condition_variable_any changed_;

    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace sheafline::test
