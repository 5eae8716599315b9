// The hub's thread: one epoll loop for all clients. In each turn it takes the events that were
// published since the last one, adds them to the log of each batch as one block, and makes one send
// per client. A client first reads pages of the history until one reaches the log, and then reads
// the log, so that nothing is lost or sent twice in between.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include <sheafline/file_descriptor.h>
#include <sheafline/sink.h>
#include <sheafline/streams/stream_hub.h>

#include "hub_client.h"
#include "replay_thread.h"

namespace sheafline::sse {

struct HubOptions {
    std::size_t max_clients = 20'000;
    std::size_t backlog_bytes = 256 * 1024UL;  // a client above either limit is disconnected
    std::size_t backlog_events = 1'000;
    std::chrono::milliseconds heartbeat{15'000};   // a client that accepts no byte for two is
                                                   // disconnected
    std::chrono::milliseconds retry{2'000};        // each client is sent this value plus a random
                                                   // part, at most twice as much
    std::size_t send_buffer_bytes = 128 * 1024UL;  // the kernel's buffer for each client
};

class HubLoop {
 public:
    explicit HubLoop(const HubOptions& options);
    ~HubLoop();
    HubLoop(const HubLoop&) = delete;
    HubLoop& operator=(const HubLoop&) = delete;

    // Thread-safe.
    void adopt(StreamClient client, EventSource& source);
    void publish(std::span<const CommittedEvent> events);
    void revoke(std::function<bool(const std::string&)> revoked);
    void drain(std::chrono::milliseconds grace);
    StreamStats stats() const;

 private:
    using Revoked = std::function<bool(const std::string&)>;
    struct Arrival {
        StreamClient client;
        EventSource* source;
    };
    struct Inbox {
        std::vector<ReplayPage> pages{};
        std::vector<Arrival> arrivals{};
        std::vector<CommittedEvent> events{};
        std::vector<Revoked> revocations{};
    };

    // hub_loop.cpp: turns, arriving and leaving clients
    void run();
    void takeInbox();
    void onSocket(std::uint64_t tag, std::uint32_t events);
    void arrive(Arrival&& arrival);
    void turnAway(const StreamClient& client);
    void beat();
    void drop(HubClient& client);
    void cut(HubClient& client);
    void endWith(HubClient& client, const std::string& control);
    template <typename Change>
    void change(Change&& change);
    void wake() const;
    std::uint64_t jitteredRetryMs();

    // hub_delivery.cpp: from the history and the log to the sockets
    void onPage(ReplayPage&& page);
    void requestPage(HubClient& client);
    void catchUp(HubClient& client, const std::vector<StreamEvent>& events);
    void onEvent(const CommittedEvent& event);
    void append(HubChannel& channel, std::uint64_t seq, StreamEventKind kind,
                std::string_view json);
    void endTurn(HubChannel& channel);
    void endExecution(HubChannel& channel);
    void join(HubClient& client);
    void leave(HubClient& client);
    void flushDirty();
    bool overBacklog(const HubClient& client) const;
    void flush(HubClient& client);
    bool sendSome(HubClient& client);
    void advance(HubClient& client, std::size_t bytes);

    const HubOptions options_;
    const FileDescriptor epoll_;
    const FileDescriptor wake_;

    // used only by the loop
    std::deque<HubClient> clients_;  // slots are reused
    std::vector<std::uint32_t> free_;
    std::unordered_map<std::string, std::unique_ptr<HubChannel>> channels_;
    std::vector<HubChannel*> dirty_;
    std::vector<HubChannel*> empty_;  // possibly empty; checked at the end of the turn
    std::size_t next_beat_ = 0;
    std::minstd_rand random_;
    bool told_shutdown_ = false;

    std::atomic<std::size_t> count_ = 0;
    std::atomic<std::uint64_t> deliveries_ = 0;
    std::atomic<std::uint64_t> replayed_ = 0;
    std::atomic<std::uint64_t> sends_ = 0;
    std::atomic<std::uint64_t> bytes_ = 0;
    std::atomic<std::uint64_t> cut_ = 0;
    std::atomic<std::uint64_t> turned_ = 0;
    std::atomic<bool> draining_ = false;
    std::atomic<bool> cut_all_ = false;
    std::atomic<bool> ending_ = false;

    std::mutex mutex_;  // guards inbox_
    std::condition_variable gone_;
    Inbox inbox_;

    ReplayThread replay_;
    std::jthread thread_;
};

}  // namespace sheafline::sse
