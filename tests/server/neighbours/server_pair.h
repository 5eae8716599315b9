// Two servers that share a Redis, a key and the accounts.
#pragma once

#include <string>

#include <catch2/catch.hpp>

#include "redis_server.h"
#include "running_server.h"

namespace sheafline::test {

// `home` has the accounts and runs the batches; `other` is asked.
struct Pair {
    RedisServer redis{};
    Site home_site{};
    Site other_site{};
    RunningServer home{home_site, "0", {}, {"--redis", redis.url()}};
    RunningServer other{
        other_site,
        "0",
        {{"SHEAFLINE_REDIS", redis.url()},
         {"SHEAFLINE_ACCOUNTS_URL", home.client().url()},
         {"SHEAFLINE_SECRET_KEY", (home_site.folder / "sheafline-data/secret.key").string()}}};
    Headers admin = home.signInAdmin();

    // A batch of `home` that `other` can see.
    std::string create(const std::string& pipeline, const Headers& who) const {
        const std::string id = home.create(pipeline, who);
        REQUIRE(eventually([&] { return inRedis(id, "\"seq\""); }));
        return id;
    }
    bool inRedis(const std::string& id, const std::string& text) const {
        return redis.cli("GET batch:" + id + ":progress:current").find(text) != std::string::npos;
    }
};

}  // namespace sheafline::test
