// Reads pages of the history for clients that catch up, so that the hub's loop never waits for a
// disk. request() is thread-safe; the callback receives the pages in the thread of this object.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <sheafline/streams/stream_hub.h>

namespace sheafline::sse {

struct ReplayRequest {
    std::size_t client = 0;        // its slot in the hub
    std::uint64_t generation = 0;  // of that slot, which may belong to a later client when the page
                                   // arrives
    EventSource* source = nullptr;
    std::string batch_id{};
    std::uint64_t from = 0;   // read after this seq
    std::uint64_t after = 0;  // send after this seq
    bool chunked = true;
};

struct ReplayPage {
    std::size_t client = 0;
    std::uint64_t generation = 0;
    std::vector<StreamEvent> events{};
    std::string bytes{};  // framed: a gap event if events are missing, then the events
    bool more = false;    // the page is full
    bool failed = false;  // the history could not be read
};

class ReplayThread {
 public:
    explicit ReplayThread(std::function<void(ReplayPage)> done);
    ~ReplayThread();

    void request(ReplayRequest request);

 private:
    void run(const std::stop_token& stop);

    const std::function<void(ReplayPage)> done_;
    std::mutex mutex_;  // guards requests_; each client has at most one
    std::condition_variable_any ready_;
    std::deque<ReplayRequest> requests_;
    std::jthread thread_;
};

}  // namespace sheafline::sse
