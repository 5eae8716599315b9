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

std::string rejection(const std::string& text) {
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
    const std::string form =
        "; write redis://[user:password@]host[:port][/database], with rediss:// for TLS, or "
        "redis+sentinel://host,host/primary";
    CHECK(rejection("http://cache") == "the URL of Redis does not begin with redis://" + form);
    CHECK(rejection("redis://") == "the URL of Redis has no host" + form);
    CHECK(rejection("redis://cache:0") ==
          "the URL of Redis has a port that is not a number from 1 to 65535" + form);
    CHECK(rejection("redis://cache:99999") ==
          "the URL of Redis has a port that is not a number from 1 to 65535" + form);
    CHECK(rejection("redis://cache/db") ==
          "the URL of Redis has a database that is not a number" + form);
    CHECK(rejection("redis://user@cache") ==
          "the URL of Redis has a user without a password" + form);
    CHECK(rejection("redis://:hush%zz@cache") == "the URL of Redis has an invalid %XX" + form);
    CHECK_THAT(rejection("redis://cache/0?ssl=1"), Catch::Contains("has an unknown option"));
    CHECK_THAT(rejection("redis://cache/0?ca=/ca.pem"), Catch::Contains("has an unknown option"));
    CHECK_THAT(rejection("rediss://cache/0?cert=/c.pem"),
               Catch::Contains("has only one of the options cert and key"));
    CHECK_THAT(rejection("rediss://cache/0?ca"), Catch::Contains("has an option without a value"));
    CHECK_THAT(rejection("redis+sentinel://a,b"),
               Catch::Contains("does not name the primary that the sentinels watch"));
    CHECK_THAT(rejection("redis+sentinel://a,,b/x"), Catch::Contains("has no host"));
    for (const char* url : {"redis+cluster://:hush@a,b", "rediss+cluster://:hush@a"}) {
        CHECK_THAT(rejection(url), Catch::Contains("Redis Cluster, which is not supported") &&
                                       !Catch::Contains("hush"));
    }
}

TEST_CASE("a Redis URL names files for TLS, and sentinels with their primary") {
    const auto tls = parseRedisUrl("rediss://:pw@cache/2?ca=/ca.pem&cert=/a%20b.pem&key=/k.pem");
    CHECK(tls.tls);
    CHECK(tls.host + tls.files.ca + tls.files.certificate + tls.files.key ==
          "cache/ca.pem/a b.pem/k.pem");
    CHECK(tls.database == 2);
    const auto watched = parseRedisUrl(
        "rediss+sentinel://u:pw@one,[::1]:7000,three:7001/exams/3?sentinel_password=hush&ca=/c");
    CHECK(watched.tls);
    REQUIRE(watched.sentinels.size() == 3);
    CHECK(watched.sentinels[0].port == 26'379);
    CHECK(watched.sentinels[1].name == "::1");
    CHECK(watched.sentinels[1].port == 7000);
    CHECK(watched.primary + watched.password + watched.sentinel_password == "examspwhush");
    CHECK(watched.database == 3);
    CHECK(watched.shown() == "rediss+sentinel://one:26379,[::1]:7000,three:7001/exams/3");
    CHECK(parseRedisUrl("redis+sentinel://one/exams").database == 0);
}

TEST_CASE("files for TLS are added to a Redis URL that has none") {
    using sheafline::redis::withTlsFiles;
    const sheafline::TlsFiles files{.ca = "/a b&c@.pem", .certificate = "/c", .key = "/k"};
    CHECK(withTlsFiles("redis://cache", files) == "redis://cache");
    const auto added = parseRedisUrl(withTlsFiles("rediss://:pw@cache/2", files));
    CHECK(added.files.ca + added.files.certificate + added.files.key == "/a b&c@.pem/c/k");
    CHECK(added.host + added.password == "cachepw");
    const auto own = parseRedisUrl(withTlsFiles("rediss://cache?ca=/own", files));
    CHECK(own.files.ca + own.files.certificate == "/own/c");
}

TEST_CASE("a Redis URL is shown without user and password") {
    CHECK(parseRedisUrl("redis://sheaf:hush@cache:7000/2").shown() == "redis://cache:7000/2");
    CHECK(parseRedisUrl("redis://[::1]").shown() == "redis://[::1]:6379/0");
}
