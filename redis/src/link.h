// One TCP connection that speaks Redis' protocol (RESP2), signed in and with its database chosen.
// Poco::Redis gives the stream only: its Client has no timeout for sending and takes the end of a
// connection for the end of a reply, and its replies have no limits. All calls throw
// RedisError; after one the link is of no more use. One thread at a time.
#pragma once

#include <chrono>
#include <memory>
#include <string_view>

#include <sheafline/redis/connection.h>

namespace sheafline::redis {

class Link {
 public:
    explicit Link(const ConnectionOptions& options);
    ~Link();
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    // All that follows must be over by then.
    void setDeadline(std::chrono::milliseconds from_now);
    void send(std::string_view bytes);
    Reply read();

    bool buffered() const;  // whether part of a reply is here already, so that poll() would not say
    int fd() const;

 private:
    struct Streams;

    void greet(const ConnectionOptions& options);
    template <typename Action>
    auto named(const Action& action);

    const RedisUrl url_;
    std::unique_ptr<Streams> streams_;
};

// Appends a command as Redis reads it: *2 $3 GET $1 a
void encode(const Command& command, std::string& bytes);

}  // namespace sheafline::redis
