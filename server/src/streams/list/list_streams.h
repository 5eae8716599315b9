// The event streams of the list of batches: one thread for all of them. It sends what has changed,
// at most once a second. A client that does not read gets nothing more until it reads again, and
// then one `reload`; so each client costs at most one event of memory, which those with the same
// rights share. The events have no ids, and a stream cannot be resumed. All calls are thread-safe
// and return at once, except drain().
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <sheafline/log.h>
#include <sheafline/streams/stream_hub.h>

#include "batches/reader_pool.h"
#include "streams/list/list_changes.h"
#include "streams/list/list_client.h"
#include "streams/list/list_news.h"

namespace sheafline {

struct ListStreamLimits {
    std::size_t max_clients = 2'000;  // later ones are asked to come back
    std::chrono::milliseconds pause{1'000};
    std::chrono::milliseconds heartbeat{15'000};  // a client that accepts no byte for two is cut
    std::uint64_t retry_ms = 2'000;
};

class ListStreams {
 public:
    struct Parts {
        ListChanges& changes;
        ReaderPool& readers;
        std::string owner_id{};
        Log& log;
    };
    explicit ListStreams(Parts parts, ListStreamLimits limits = {});
    ~ListStreams();
    ListStreams(const ListStreams&) = delete;
    ListStreams& operator=(const ListStreams&) = delete;

    void adopt(StreamClient client, ListViewer viewer);
    // Closes with `auth_expired` the streams of every principal for which `revoked` returns true.
    void revoke(std::function<bool(const std::string& principal)> revoked);
    // Sends `shutdown` and closes all streams; those that are adopted later are turned away.
    void drain();
    std::size_t clients() const { return count_; }

 private:
    using Clock = std::chrono::steady_clock;
    using Revoked = std::function<bool(const std::string&)>;

    void run();
    int pauseMs(Clock::time_point now) const;
    void waitForWork(int pause_ms);
    void takeInbox();
    void deliver();
    void beat();
    void closeAll();
    void turnAway(const StreamClient& client) const;
    void removeGone();

    const Parts parts_;
    const ListStreamLimits limits_;

    // used only by the thread
    std::list<ListClient> clients_;
    bool pending_ = false;  // changes wait for the end of the pause
    Clock::time_point next_delivery_{};
    Clock::time_point next_beat_{};

    std::atomic<std::size_t> count_ = 0;
    std::atomic<bool> draining_ = false;
    std::atomic<bool> ending_ = false;

    std::mutex mutex_;  // guards the two below
    std::vector<std::pair<StreamClient, ListViewer>> arrivals_;
    std::vector<Revoked> revocations_;
    std::condition_variable gone_;

    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace sheafline
