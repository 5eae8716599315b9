#include <chrono>
#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/redis/connection.h>

#include "redis_server.h"
#include "tried.h"

using namespace sheafline::redis;
using sheafline::redis::test::tried;
using sheafline::test::RedisServer;
using namespace std::chrono_literals;

namespace {

ConnectionOptions to(const RedisServer& server, const std::string& login = {}) {
    return {.url = parseRedisUrl("redis://" + login + "127.0.0.1:" + std::to_string(server.port())),
            .name = "a-test",
            .connect_timeout = 500ms,
            .reply_timeout = 300ms};
}

std::string troubleIn(Connection& redis, const Command& command) {
    const std::string all = tried(redis, command);
    return all.substr(0, all.find(':'));
}

}  // namespace

TEST_CASE("replies of every type are parsed: text, number, null, list and nested list") {
    const RedisServer server;
    Connection redis(to(server));
    CHECK(redis.run({"SET", "a", std::string("x\0\r\ny", 5)}).text == "OK");
    CHECK(redis.run({"GET", "a"}).text == std::string("x\0\r\ny", 5));
    CHECK(redis.run({"GET", "none"}).isNil());
    CHECK(redis.run({"SET", "empty", ""}).text == "OK");
    CHECK(redis.run({"GET", "empty"}).kind == Reply::Kind::text);
    CHECK(redis.run({"INCRBY", "n", "-5"}).integer == -5);
    CHECK(redis.run({"LRANGE", "none", "0", "-1"}).items.empty());
    redis.run({"HSET", "h", "name", "Ann", "city", ""});
    CHECK(fieldsOf(redis.run({"HGETALL", "h"})) ==
          std::map<std::string, std::string>{{"name", "Ann"}, {"city", ""}});
    const Reply nested = redis.run({"EVAL", "return {1,{'b',false}}", "0"});
    REQUIRE(nested.items.size() == 2);
    CHECK(nested.items[1].items[0].text == "b");
    CHECK(nested.items[1].items[1].isNil());
}

TEST_CASE("large replies and large commands arrive complete") {
    const RedisServer server;
    Connection redis(to(server));
    const std::string value(3'000'000, 'x');
    redis.run({"SET", "a", value});
    CHECK(redis.run({"GET", "a"}).text == value);
}

TEST_CASE("an error in a pipeline of commands is returned in its place, and the others continue") {
    const RedisServer server;
    Connection redis(to(server));
    const std::vector<Command> commands{{"SET", "a", "1"}, {"LPUSH", "a", "2"}, {"GET", "a"}};
    const auto replies = redis.pipeline(commands);
    REQUIRE(replies.size() == 3);
    CHECK(replies[1].isError());
    CHECK(replies[1].text.starts_with("WRONGTYPE"));
    CHECK(replies[2].text == "1");
}

TEST_CASE("a script runs even if Redis has dropped it from its cache") {
    const RedisServer server;
    Connection redis(to(server));
    const Script script("return redis.call('RPUSH', KEYS[1], ARGV[1])");
    CHECK(redis.eval(script, {{"l"}, {"a"}}).integer == 1);
    server.cli("SCRIPT FLUSH");
    const std::vector<ScriptCall> calls{{{"l"}, {"b"}}, {{"l"}, {"c"}}};
    const auto replies = redis.evalAll(script, calls);
    CHECK(replies[0].integer == 2);
    CHECK(replies[1].integer == 3);
    CHECK(server.cli("LRANGE l 0 -1") == "a\nb\nc");
}

TEST_CASE("a server that is down is reported as refused, and is used again when it is back") {
    RedisServer server;
    Connection redis(to(server));
    CHECK(tried(redis, {"PING"}) == "PONG");
    server.kill();
    CHECK(troubleIn(redis, {"PING"}) == "lost");
    CHECK(troubleIn(redis, {"PING"}) == "refused");
    server.start();
    CHECK(tried(redis, {"PING"}) == "PONG");
}

TEST_CASE("a server that does not answer times out, and is used again when it answers") {
    const RedisServer server;
    Connection redis(to(server));
    CHECK(tried(redis, {"SET", "a", "1"}) == "OK");
    server.freeze();
    CHECK(tried(redis, {"GET", "a"}) == "timeout: Redis does not answer in time");
    // The kernel of a frozen server still accepts data, but only up to the size of its buffers.
    std::string much;
    much.resize(50'000'000, 'x');
    CHECK(troubleIn(redis, {"SET", "a", much}) == "timeout");
    server.thaw();
    CHECK(tried(redis, {"GET", "a"}) == "1");
}

TEST_CASE("a blocking command adds its own timeout") {
    const RedisServer server;
    Connection redis(to(server));
    CHECK(redis.run({"BLPOP", "none", "0.6"}, 600ms).isNil());
}

TEST_CASE("user, password and database come from the URL, and a wrong password is not shown") {
    const RedisServer server({"--requirepass", "hush"});
    Connection right(to(server, ":hush@"));
    CHECK(tried(right, {"PING"}) == "PONG");
    CHECK(right.run({"CLIENT", "GETNAME"}).text == "a-test");
    Connection wrong(to(server, ":wrong-one@"));
    const std::string why = tried(wrong, {"PING"});
    CHECK(why.starts_with("auth: Redis rejects the connection: "));
    CHECK(why.find("127.0.0.1") == std::string::npos);
    CHECK(why.find("WRONGPASS") != std::string::npos);
    CHECK(why.find("wrong-one") == std::string::npos);
    Connection none(to(server));
    CHECK(troubleIn(none, {"PING"}) == "auth");

    right.run({"ACL", "SETUSER", "sheaf", "on", ">secret", "~batch:*", "+@all", "-client"});
    Connection limited(to(server, "sheaf:secret@"));
    CHECK(tried(limited, {"SET", "batch:1", "x"}) == "OK");
    CHECK(troubleIn(limited, {"SET", "other", "x"}) == "auth");

    ConnectionOptions third = to(server, ":hush@");
    third.url.database = 3;
    Connection database(third);
    database.run({"SET", "a", "three"});
    CHECK(server.cli("--no-auth-warning -a hush -n 3 GET a") == "three");
}

TEST_CASE("a full server and a replica report their errors") {
    const RedisServer full({"--maxmemory", "2mb", "--maxmemory-policy", "noeviction"});
    Connection redis(to(full));
    CHECK(troubleIn(redis, {"SET", "a", std::string(3'000'000, 'x')}) == "oom");
    CHECK(redis.connected());

    const RedisServer replica({"--replicaof", "127.0.0.1 1"});
    Connection second(to(replica));
    CHECK(troubleIn(second, {"SET", "b", "1"}) == "readonly");
    CHECK_FALSE(second.connected());
}

TEST_CASE("a server that is not Redis is reported as such") {
    const RedisServer server;
    const std::vector<Command> script{{"EVAL", "return redis.status_reply('x')", "0"}};
    Connection redis(to(server));
    CHECK(redis.pipeline(script)[0].text == "x");
    CHECK(troubleIn(redis, {"NO-SUCH-COMMAND"}) == "other");
    ConnectionOptions nowhere = to(server);
    nowhere.url.host = "no-such-host.invalid";
    Connection lost(nowhere);
    CHECK(troubleIn(lost, {"PING"}) == "refused");
}
