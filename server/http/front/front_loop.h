// The loop of Front. Private functions run in its thread unless a comment says otherwise.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "http/front/connection.h"
#include "http/front/front.h"
#include "http/front/handler_threads.h"
#include "http/front/served_request.h"

namespace sheafline::http {

class Front::Loop {
 public:
    Loop(FrontConfig config, const RoutePolicy& policy, Log& log);
    ~Loop();
    void start();

    std::uint16_t port() const { return local_.port(); }
    FrontStats stats() const;
    void stop(std::chrono::milliseconds grace);

 private:
    enum class Received { bytes, nothing, end };

    // front_loop.cpp: the loop, its timers, new connections
    void run();
    int pauseMs();
    int fallAsleep();
    void expire();
    void expireOne(Connection& connection);
    void expireUpload(Connection& connection);
    std::chrono::milliseconds timeoutOf(ConnectionState state) const;
    void acceptAll();
    bool acceptOne();
    bool makeRoom();
    bool turnAway();
    void takeBack();
    void takeOneBack(Connection& connection);
    bool answered(const Connection& connection) const;
    void closeDown();
    void endUploads(std::list<Connection>& uploads);
    void onEvent(Connection& connection, std::uint32_t events);
    void miss(Connection& connection);
    void giveBack(Connection& connection);  // a handler's thread
    void wake() const;                      // any thread

    // connection_steps.cpp: the steps of one connection
    void drive(Connection& connection);
    bool step(Connection& connection);
    bool headStep(Connection& connection);
    bool bodyStep(Connection& connection);
    bool flushStep(Connection& connection);
    bool lingerStep(Connection& connection);
    void freeBuffers(Connection& connection);
    void rest(Connection& connection);
    bool receiveMore(Connection& connection);
    Received receive(Connection& connection);
    void begin(Connection& connection);
    void handOver(Connection& connection);
    void serve(Connection& connection);  // a handler's thread
    void breakOff(Connection& connection, const Problem& problem);
    void judgePace(Connection& connection);
    HandlerThreads& threadsOf(Pool pool);
    void reject(Connection& connection, const Problem& problem);
    void reply(Connection& connection, const Problem& problem);
    void enter(Connection& connection, ConnectionState state);
    void countBuffers(Connection& connection);
    void drop(Connection& connection);
    std::list<Connection>& in(ConnectionState state) {
        return lists_[static_cast<std::size_t>(state)];
    }

    const FrontConfig config_;
    const RoutePolicy& policy_;
    const ProxyTrust proxies_;
    const FileDescriptor epoll_;
    FileDescriptor wake_;
    FileDescriptor listener_;
    FileDescriptor
        spare_;  // closed briefly to turn a client away when there are no descriptors left
    const Poco::Net::SocketAddress local_;
    const std::size_t max_connections_;
    const std::string id_prefix_;
    std::uint64_t next_id_ = 0;
    std::array<std::list<Connection>, kConnectionStates> lists_{};  // each oldest first
    std::vector<Connection*> taken_{};
    std::list<Connection> dead_{};  // freed after the events that may point to them
    bool closed_down_ = false;

    std::atomic<bool> stopping_ = false;
    std::atomic<bool> give_up_ = false;
    std::atomic<std::size_t> buffered_bytes_ = 0;
    std::atomic<std::size_t> connections_ = 0;
    std::atomic<std::size_t> busy_ = 0;
    std::atomic<std::uint64_t> accepted_ = 0;
    std::atomic<std::uint64_t> requests_ = 0;
    std::atomic<std::uint64_t> rejected_ = 0;
    std::atomic<std::uint64_t> timeouts_ = 0;
    std::atomic<std::uint64_t> evicted_ = 0;

    std::mutex mutex_;  // guards the members below
    std::condition_variable ended_changed_;
    std::vector<Connection*> returned_{};
    bool urgent_ = false;  // one of the returned cannot wait for the next event
    bool asleep_ = false;
    bool ended_ = false;

    const ServeSettings serve_settings_;
    HandlerThreads api_;
    HandlerThreads hashing_;
    HandlerThreads uploads_;
    HandlerThreads bulk_;
    std::jthread thread_;
};

}  // namespace sheafline::http
