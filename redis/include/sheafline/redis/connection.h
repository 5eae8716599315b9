// A connection to Redis, for one thread at a time. It connects with the first command, and again
// with the next command after it was lost; the caller decides when to retry (Backoff). Commands
// throw RedisError. After rejected, timeout and lost it is unknown whether a command ran, so retry
// only commands that may run twice.
//
//     Connection redis({.url = parseRedisUrl("redis://127.0.0.1:6379/0")});
//     redis.run({"SET", "a", "1"});
//     const Reply reply = redis.run({"GET", "a"});  // reply.text == "1"; isNil() where there is
//                                                   // none
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <sheafline/redis/redis_error.h>
#include <sheafline/redis/redis_url.h>
#include <sheafline/redis/reply.h>
#include <sheafline/redis/script.h>

namespace sheafline::redis {

struct ConnectionOptions {
    RedisUrl url{};
    std::string name{};  // in CLIENT LIST, without spaces: "sheafline-sink"
    std::chrono::milliseconds connect_timeout{1'000};
    std::chrono::milliseconds reply_timeout{1'000};  // of one command, or of one pipeline
};

class Link;

class Connection {
 public:
    explicit Connection(ConnectionOptions options);
    ~Connection();
    Connection(Connection&&) noexcept;
    Connection& operator=(Connection&&) = delete;

    Reply run(const Command& command);  // throws for an error reply, too
    // For commands that block in Redis for up to `wait` (XREADGROUP … BLOCK): that much is added to
    // the reply's time.
    Reply run(const Command& command, std::chrono::milliseconds wait);
    // Sends all commands before it reads the first reply. Error replies are elements of the result.
    std::vector<Reply> pipeline(std::span<const Command> commands);

    Reply eval(const Script& script, const ScriptCall& call);
    // Like pipeline(); keeps the order even if Redis had forgotten the script.
    std::vector<Reply> evalAll(const Script& script, std::span<const ScriptCall> calls);

    // Returns the reply, or throws if it is an error reply of pipeline() or evalAll().
    const Reply& checked(const Reply& reply);

    void connect();  // if it is not connected; throws
    bool connected() const { return link_ != nullptr; }
    void close();
    const RedisUrl& url() const { return options_.url; }

 private:
    std::vector<Reply> exchange(std::span<const Command> commands, std::chrono::milliseconds wait);

    ConnectionOptions options_;
    std::unique_ptr<Link> link_;  // null: not connected
};

}  // namespace sheafline::redis
