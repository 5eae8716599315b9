#include <string>

#include <catch2/catch.hpp>

#include <sheafline/error.h>
#include <sheafline/redis/redis_url.h>

using sheafline::redis::parseRedisUrl;

namespace {

std::string parts(const std::string& text) {
    const auto url = parseRedisUrl(text);
    return url.user + "|" + url.password + "|" + url.host + "|" + std::to_string(url.port) + "|" +
           std::to_string(url.database);
}

std::string refusal(const std::string& text) {
    try {
        parseRedisUrl(text);
    } catch (const sheafline::ConfigError& error) {
        return error.what();
    }
    return "accepted";
}

}  // namespace

TEST_CASE("a Redis URL gives host, port, user, password and database") {
    CHECK(parts("redis://cache") == "||cache|6379|0");
    CHECK(parts("redis://cache:6380/") == "||cache|6380|0");
    CHECK(parts("redis://cache/3") == "||cache|6379|3");
    CHECK(parts("redis://:se%40cret@10.0.0.1:7000/15") == "|se@cret|10.0.0.1|7000|15");
    CHECK(parts("redis://sheaf:p:w@cache") == "sheaf|p:w|cache|6379|0");
    CHECK(parts("redis://[::1]:6379/1") == "||::1|6379|1");
}

TEST_CASE("an invalid Redis URL is rejected with the reason and without its password") {
    const std::string form = "; write redis://[user:password@]host[:port][/database]";
    CHECK(refusal("http://cache") == "the URL of Redis does not begin with redis://" + form);
    CHECK(refusal("redis://") == "the URL of Redis has no host" + form);
    CHECK(refusal("redis://cache:0") ==
          "the URL of Redis has a port that is not a number from 1 to 65535" + form);
    CHECK(refusal("redis://cache:99999") ==
          "the URL of Redis has a port that is not a number from 1 to 65535" + form);
    CHECK(refusal("redis://cache/db") ==
          "the URL of Redis has a database that is not a number" + form);
    CHECK(refusal("redis://user@cache") == "the URL of Redis has a user without a password" + form);
    CHECK(refusal("redis://:hush%zz@cache") ==
          "the URL of Redis has a bad %XX in its user or password" + form);
    CHECK(refusal("redis://cache/0?ssl=1") == "the URL of Redis has an unknown part" + form);
    CHECK(refusal("rediss://:hush@cache").find("does not speak") != std::string::npos);
    CHECK(refusal("rediss://:hush@cache").find("hush") == std::string::npos);
}

TEST_CASE("a Redis URL is shown without user and password") {
    CHECK(parseRedisUrl("redis://sheaf:hush@cache:7000/2").shown() == "redis://cache:7000/2");
    CHECK(parseRedisUrl("redis://[::1]").shown() == "redis://[::1]:6379/0");
}
