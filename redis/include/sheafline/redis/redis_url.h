// The address of a Redis and our sign-in: redis://[[user]:password@]host[:port][/database] User and
// password may contain %XX. Use shown() in logs and messages: it has no password.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sheafline::redis {

struct RedisUrl {
    std::string host = "127.0.0.1";
    std::uint16_t port = 6379;
    std::string user{};  // of an ACL; empty: the default user
    std::string password{};
    int database = 0;

    std::string shown() const;  // redis://host:port/database
};

// Throws ConfigError, whose text has no password either.
RedisUrl parseRedisUrl(std::string_view text);

}  // namespace sheafline::redis
