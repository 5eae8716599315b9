// Receives messages on channels, over one connection and on one thread for the whole process. After
// a lost connection it reconnects (after 0.1 to 5 s, with jitter) and subscribes to every channel
// again. Messages that were published in the meantime are missing. After each `heard` nothing more
// is missed, so a caller that needs all messages then reads the missing ones elsewhere.
//
//     Subscriber subscriber({.url = url}, {.heard = …, .message = …});
//     subscriber.subscribe("batch:42:progress");
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <sheafline/redis/connection.h>

namespace sheafline::redis {

// All are called on the subscriber's thread, may be empty, may call subscribe() and unsubscribe(),
// and must not throw or wait.
struct SubscriberCalls {
    std::function<void(std::string_view channel)> heard{};
    std::function<void(std::string_view channel, std::string_view message)> message{};
    // Called once when the connection fails or the kind of error changes, and once, with null, when
    // it works again.
    std::function<void(const RedisError* error)> state{};
};

class Subscriber {
 public:
    Subscriber(ConnectionOptions options, SubscriberCalls calls);
    ~Subscriber();  // no call is made afterwards
    Subscriber(const Subscriber&) = delete;
    Subscriber& operator=(const Subscriber&) = delete;

    // Any thread; they return at once.
    void subscribe(const std::string& channel);
    void unsubscribe(const std::string& channel);

 private:
    class Loop;
    const std::unique_ptr<Loop> loop_;
};

}  // namespace sheafline::redis
