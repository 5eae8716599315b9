// The answer of a Redis server to a command, or the kind and text of the error.
#pragma once

#include <string>

#include <sheafline/redis/connection.h>

namespace sheafline::redis::test {

inline std::string tried(Connection& redis, const Command& command) {
    try {
        return redis.run(command).text;
    } catch (const RedisError& error) {
        return std::string(toString(error.kind())) + ": " + error.what();
    }
}

}  // namespace sheafline::redis::test
