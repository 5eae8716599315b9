// TLS with a real redis-server.
#include <atomic>
#include <chrono>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/redis/connection.h>
#include <sheafline/redis/subscriber.h>

#include "redis_server.h"
#include "tls_certificates.h"

using namespace sheafline::redis;
using sheafline::test::freePort;
using sheafline::test::RedisServer;
using sheafline::test::TlsCertificates;
using namespace std::chrono_literals;

namespace {

struct TlsRedis {
    explicit TlsRedis(const std::string& names = "IP:127.0.0.1", bool asks_for_client = false)
        : certificates(names),
          server({"--tls-port", std::to_string(port), "--tls-cert-file",
                  certificates.file("server.pem"), "--tls-key-file",
                  certificates.file("server.key"), "--tls-ca-cert-file",
                  certificates.file("ca.pem"), "--tls-auth-clients",
                  asks_for_client ? "yes" : "no"}) {}

    std::string url(const std::string& host, const std::string& options) const {
        return "rediss://" + host + ":" + std::to_string(port) + "/0" + options;
    }
    std::string ca(const char* name = "ca.pem") const { return "?ca=" + certificates.file(name); }

    const int port = freePort();
    const TlsCertificates certificates;
    const RedisServer server;
};

ConnectionOptions to(const std::string& url) {
    return {.url = parseRedisUrl(url), .connect_timeout = 5s, .reply_timeout = 5s};
}

// The answer to PING, or the kind and text of the error.
std::string ping(const std::string& url) {
    try {
        return Connection(to(url)).run({"PING"}).text;
    } catch (const RedisError& error) {
        return std::string(toString(error.kind())) + ": " + error.what();
    }
}

}  // namespace

TEST_CASE("a rediss URL encrypts the connection and accepts a certificate of the named authority") {
    const TlsRedis redis;
    Connection connection(to(redis.url("127.0.0.1", redis.ca())));
    const std::string value(3'000'000, 'x');
    CHECK(connection.run({"SET", "a", value}).text == "OK");
    CHECK(connection.run({"GET", "a"}).text == value);
    std::vector<Command> many(2'000, {"INCR", "n"});
    CHECK(connection.pipeline(many).back().integer == 2'000);
    CHECK(redis.server.cli("GET n") == "2000");
}

TEST_CASE(
    "a certificate that is not trusted, or is for another name, is rejected with the reason") {
    const TlsRedis redis;
    const std::string other = ping(redis.url("127.0.0.1", redis.ca("other-ca.pem")));
    CHECK_THAT(other, Catch::StartsWith("tls: no TLS connection to Redis: its certificate is "
                                        "rejected: ") &&
                          Catch::Contains("check the option ca"));
    // The certificate authorities of the machine do not know it either.
    CHECK_THAT(ping(redis.url("127.0.0.1", "")), Catch::Contains("its certificate is rejected: "));
    CHECK_THAT(ping(redis.url("localhost", redis.ca())),
               Catch::Contains("its certificate is rejected: hostname mismatch") ||
                   Catch::Contains("its certificate is rejected: Hostname mismatch"));
    CHECK(ping(redis.url("127.0.0.1", redis.ca())) == "PONG");
}

TEST_CASE("a certificate for a name is accepted at that name and at no address") {
    const TlsRedis redis("DNS:localhost");
    CHECK(ping(redis.url("localhost", redis.ca())) == "PONG");
    CHECK_THAT(ping(redis.url("127.0.0.1", redis.ca())), Catch::Contains("IP address mismatch"));
}

TEST_CASE("a Redis that asks for a client certificate gets the one of the URL") {
    const TlsRedis redis("IP:127.0.0.1", true);
    const auto& certificates = redis.certificates;
    const std::string client =
        "&cert=" + certificates.file("client.pem") + "&key=" + certificates.file("client.key");
    CHECK(ping(redis.url("127.0.0.1", redis.ca() + client)) == "PONG");
    CHECK_THAT(ping(redis.url("127.0.0.1", redis.ca())),
               (Catch::StartsWith("tls: ") || Catch::StartsWith("lost: ")) &&
                   Catch::Contains("client certificate"));
}

TEST_CASE("a missing or wrong TLS file, and a port without TLS, are named") {
    const TlsRedis redis;
    const std::string url = redis.url("127.0.0.1", "?ca=/missing.pem");
    CHECK_THAT(ping(url), Catch::StartsWith("tls: ") &&
                              Catch::Contains("cannot use the file of certificate authorities "
                                              "/missing.pem: "));
    const std::string key = redis.ca() + "&cert=" + redis.certificates.file("client.pem") +
                            "&key=" + redis.certificates.file("server.key");
    CHECK_THAT(ping(redis.url("127.0.0.1", key)),
               Catch::Contains("cannot use the key of the client certificate"));
    const std::string plain = "rediss://127.0.0.1:" + std::to_string(redis.server.port());
    CHECK_THAT(ping(plain),
               Catch::Equals("timeout: Redis does not answer the TLS handshake; check that "
                             "the port speaks TLS"));
    // The opposite case: a TLS port and a plain client.
    CHECK_THAT(ping("redis://127.0.0.1:" + std::to_string(redis.port)), !Catch::Equals("PONG"));
}

TEST_CASE("a frozen Redis times out over TLS, and a subscriber hears every message") {
    const TlsRedis redis;
    const ConnectionOptions options{.url = parseRedisUrl(redis.url("127.0.0.1", redis.ca())),
                                    .connect_timeout = 5s,
                                    .reply_timeout = 300ms};
    std::atomic<int> heard = 0;
    std::atomic<bool> ready = false;
    {
        Subscriber subscriber(options, {.heard = [&](std::string_view) { ready = true; },
                                        .message =
                                            [&](std::string_view, std::string_view text) {
                                                if (text == std::to_string(heard.load())) ++heard;
                                                heard.notify_all();
                                            }});
        subscriber.subscribe("news");
        Connection connection(options);
        while (!ready) connection.run({"PING"});
        std::vector<Command> all;
        for (int i = 0; i < 1'000; ++i) all.push_back({"PUBLISH", "news", std::to_string(i)});
        connection.pipeline(all);
        for (int seen = heard; seen < 1'000; seen = heard) heard.wait(seen);
    }
    CHECK(heard == 1'000);
    redis.server.freeze();
    CHECK_THAT(ping(redis.url("127.0.0.1", redis.ca())), Catch::StartsWith("timeout: "));
    redis.server.thaw();
    CHECK(ping(redis.url("127.0.0.1", redis.ca())) == "PONG");
}
