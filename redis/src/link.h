// One connection that speaks Redis' protocol (RESP2), signed in and with its database selected,
// with TLS and through sentinels as the URL says. Poco::Redis provides the stream only: its Client
// has no timeout for sending, takes the end of a connection for the end of a reply, and its replies
// have no limits. All calls throw RedisError, after which the link cannot be used. One thread at a
// time.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include <sheafline/redis/connection.h>

namespace sheafline::redis {

class Link {
 public:
    explicit Link(const ConnectionOptions& options);
    ~Link();
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    // For all calls that follow.
    void setDeadline(std::chrono::milliseconds from_now);
    void send(std::string_view bytes);
    Reply read();

    bool buffered() const;  // whether bytes have arrived that poll() does not report
    int fd() const;

 private:
    struct Streams;

    void connect(const ConnectionOptions& options);
    void startTls(const RedisUrl& url);
    void greet(const ConnectionOptions& options);
    void requirePrimary(const ConnectionOptions& options);
    template <typename Action>
    auto named(const Action& action);

    std::unique_ptr<Streams> streams_;
    std::string hint_;  // added to the text of a lost connection
};

// Appends a command as Redis reads it: *2 $3 GET $1 a
void encode(const Command& command, std::string& bytes);

}  // namespace sheafline::redis
