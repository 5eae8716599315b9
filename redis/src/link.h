// One TCP connection that speaks Redis' protocol (RESP2), signed in and with its database chosen.
// Only the stream comes from Poco::Redis: its Client has no timeout for sending, takes the end of a
// connection for the end of a reply, and does not limit replies. All calls throw RedisError; after
// that the link must not be used any more. One thread at a time.
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

    // The deadline of all following calls.
    void setDeadline(std::chrono::milliseconds from_now);
    void send(std::string_view bytes);
    Reply read();

    bool buffered() const;  // whether part of a reply is already buffered, which poll() does not
                            // show
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
