// Hears what is published on channels, for the whole process over one connection, on a thread of
// its own. A lost connection is made again (0.1 to 5 s, with chance), and every channel subscribed
// again. What was published meanwhile is missing: `heard` says from when on nothing is, so
// whoever needs all of it reads the rest elsewhere after each `heard`.
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
    // Once when it no longer works, or the kind of trouble changed, and once, with null, when it
    // works again.
    std::function<void(const RedisError* trouble)> state{};
};

class Subscriber {
 public:
    Subscriber(ConnectionOptions options, SubscriberCalls calls);
    ~Subscriber();  // no call is made after it
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
