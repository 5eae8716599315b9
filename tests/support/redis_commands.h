// The commands that a redis-server receives while this object lives, from clients and from scripts,
// and which of them an older server would not know: COMMAND DOCS states the version that introduced
// each command and word.
#pragma once

#include <string>
#include <vector>

#include "child_server.h"
#include "redis_server.h"
#include "temporary_folder.h"

namespace sheafline::test {

class RedisCommands {
 public:
    explicit RedisCommands(const RedisServer& redis);

    // "XADD since 5.0.0", of those that came after `version`, sorted; `seen` counts all commands.
    std::vector<std::string> newerThan(const std::string& version, std::size_t& seen) const;

 private:
    const RedisServer& redis_;
    const TemporaryFolder folder_{};
    const ChildServer monitor_;
};

}  // namespace sheafline::test
