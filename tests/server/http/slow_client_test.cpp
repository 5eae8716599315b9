// Clients that send slowly, stall or take all places: each is closed by its timeout, and no other
// client is affected.
#include <chrono>
#include <csignal>
#include <memory>
#include <ostream>
#include <string>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>

#include "front_fixture.h"
#include "loopback.h"
#include "raw_client.h"

using namespace sheafline::http;
using namespace sheafline::http::test;
using namespace std::chrono_literals;

namespace {

const std::string kProbe = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";

FrontConfig hasty() {
    return {.idle_timeout = 300ms,
            .head_timeout = 200ms,
            .body_timeout = 200ms,
            .linger_timeout = 200ms,
            .floor_window = 300ms,
            .floor_bytes_per_s = 10'000};
}

}  // namespace

TEST_CASE("a client that sends single bytes is disconnected although each byte arrives in time",
          "[F49]") {
    FrontFixture fixture(hasty());
    const std::string request =
        GENERATE(as<std::string>(), "GET /healthz HTTP/1.1\r\nHost: a\r\nX: ",
                 "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n",
                 "PUT /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 90000\r\n\r\n",
                 "PUT /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n15f90\r\n",
                 "PUT /blocking HTTP/1.1\r\nHost: a\r\nContent-Length: 90000\r\n\r\n");
    const bool past_prefetch = GENERATE(false, true);
    if (past_prefetch && request.find("PUT") != 0) return;
    RawClient client(fixture.port());
    client.send(request);
    if (past_prefetch) client.send(std::string(70'000, 'x'));
    std::string reply;
    while (reply.empty() && client.send("x")) reply = client.readUntil("\r\n\r\n", 20);
    CHECK(statusOf(reply) == 408);
}

TEST_CASE("an upload above the minimum rate is not cut, however long it takes") {
    FrontConfig config = hasty();
    config.floor_window = 700ms;  // the client may wait for a core
    FrontFixture fixture(config);
    RawClient client(fixture.port());
    client.send("PUT /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 360000\r\n\r\n");
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 90; ++i) {
        CHECK(client.readUntil("x", 25).empty());
        client.send(std::string(4'000, 'x'));
    }
    CHECK(bodyOf(client.readReply()) == "360000");
    CHECK(std::chrono::steady_clock::now() - begin > 2'100ms);  // three windows
}

TEST_CASE("a connection without a request is closed in silence") {
    FrontFixture fixture(hasty());
    RawClient client(fixture.port());
    CHECK(client.readAll(60'000).empty());
    CHECK(fixture.front().stats().timeouts == 0);
}

// AddressSanitizer reports it if the front still uses the connection.
TEST_CASE("a connection closed while a program starts is removed for good") {
    FrontFixture fixture(hasty());
    RawClient client(fixture.port());
    client.send(kProbe);
    CHECK(statusOf(client.readReply()) == 200);
    const pid_t between_fork_and_exec = ::fork();
    if (between_fork_and_exec == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::pause();
        ::_exit(0);
    }
    while (fixture.front().stats().connections > 0) std::this_thread::yield();
    client.send(kProbe);
    CHECK(statusOf(fixture.exchange(kProbe)) == 200);
    ::kill(between_fork_and_exec, SIGKILL);
    ::waitpid(between_fork_and_exec, nullptr, 0);
}

TEST_CASE(
    "a client that does not read a large answer is disconnected, and its thread becomes free") {
    FrontConfig config = hasty();
    config.bulk_threads = 2;
    config.floor_window = 1'500ms;  // the reader may wait for a core
    config.reply_backlog_bytes = 100'000;
    FrontFixture fixture(config);
    fixture.route("GET", "/large", {.pool = Pool::bulk}, [](Call&, Request&, Response& response) {
        const std::string piece(1U << 20U, 'x');
        response.setContentLength64(16LL << 20U);
        std::ostream& out = response.send();
        for (int i = 0; i < 16; ++i) out << piece;
    });
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 4; ++i) {
        clients.push_back(std::make_unique<RawClient>(fixture.port(), 4'096));
        clients.back()->send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    CHECK(bodyOf(fixture.exchange(kProbe)) == "ok");
    RawClient reader(fixture.port());
    reader.send("GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    CHECK(bodyOf(reader.readAll()).size() == 16U << 20U);
    for (const auto& client : clients) CHECK(client->readAll().size() < 16U << 20U);
}

TEST_CASE("400 dripping clients of each kind do not keep others from being served", "[F49]") {
    FrontFixture fixture;
    fixture.route("GET", "/large", {}, [](Call&, Request&, Response& response) {
        const std::string text(900'000, 'x');
        response.sendBuffer(text.data(), text.size());
    });
    const std::string begin =
        GENERATE(as<std::string>(), "", "GET /healthz HTTP/1.1\r\nHost: a\r\nX: ",
                 "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 30000\r\n\r\n",
                 "PUT /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 90000\r\n\r\n",
                 "GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
    const bool past_prefetch = GENERATE(false, true);
    if (past_prefetch && begin.find("PUT") != 0) return;
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 400; ++i) {
        clients.push_back(std::make_unique<RawClient>(fixture.port(), 4'096));
        clients.back()->send(begin);
        if (past_prefetch) clients.back()->send(std::string(70'000, 'x'));
    }
    RawClient prober(fixture.port());
    for (int probe = 0; probe < 20; ++probe) {
        for (const auto& client : clients) client->send("x");
        prober.send(kProbe);
        REQUIRE(bodyOf(prober.readReply()) == "ok");
    }
    RawClient uploader(fixture.port());
    uploader.send("PUT /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n" +
                  std::string(2'000'000, 'x'));
    CHECK(bodyOf(uploader.readReply()) == "2000000");
}

TEST_CASE("700 dripping uploads hold no thread, and none is left when they are gone", "[F49]") {
    FrontFixture fixture({.thread_idle = 50ms});
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 700; ++i) {
        clients.push_back(std::make_unique<RawClient>(fixture.port(), 4'096));
        clients.back()->send("PUT /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n" +
                             std::string(70'000, 'x'));
    }
    RawClient uploader(fixture.port());
    uploader.send("PUT /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 20000000\r\n\r\n");
    for (int piece = 0; piece < 20; ++piece) {
        for (const auto& client : clients) client->send("x");
        uploader.send(std::string(1'000'000, 'x'));
    }
    CHECK(bodyOf(uploader.readReply()) == "20000000");
    while (fixture.front().stats().busy > 0) std::this_thread::yield();
    CHECK(fixture.front().stats().connections == 701);
    CHECK(fixture.front().stats().threads <= 74);
    clients.clear();
    while (fixture.front().stats().threads > 6) std::this_thread::yield();  // two for each pool
    CHECK(statusOf(fixture.exchange(kProbe)) == 200);
}

TEST_CASE("a client that sends a rejected body to its end still finds the answer") {
    FrontFixture fixture;
    const std::string version = GENERATE(as<std::string>(), "1.1", "1.0");
    const std::string path = GENERATE(as<std::string>(), "/locked", "/nothing", "/login");
    const std::string method = path == "/locked" ? "PUT " : "POST ";
    constexpr std::size_t kPiece = 1U << 20U;
    constexpr std::size_t kPieces = 96;  // more than the buffers of both systems hold
    RawClient client(fixture.port());
    REQUIRE(client.send(method + path + " HTTP/" + version + "\r\nHost: a\r\nContent-Length: " +
                        std::to_string(kPieces * kPiece) + "\r\n\r\n"));
    for (std::size_t i = 0; i < kPieces; ++i) REQUIRE(client.send(std::string(kPiece, 'x')));
    const std::string reply = client.readReply();
    CHECK(statusOf(reply) == (path == "/locked" ? 401 : path == "/login" ? 413 : 404));
    CHECK(reply.find("application/problem+json") != std::string::npos);
}

TEST_CASE("an upload whose client drips ends when the front stops, long before its grace is over") {
    FrontFixture fixture;
    RawClient client(fixture.port());
    client.send("PUT /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n" +
                std::string(GENERATE(0U, 10U, 200'000U), 'x'));
    while (fixture.front().stats().connections == 0) std::this_thread::yield();
    fixture.front().stop(std::chrono::hours(1));
    const std::string reply = client.readReply();
    CHECK((reply.empty() || statusOf(reply) == 503));
}

TEST_CASE("unread answers are dropped when memory is short") {
    FrontFixture fixture({.max_buffered_bytes = 20U << 20U, .api_threads = 2});
    fixture.route("GET", "/large", {}, [](Call&, Request&, Response& response) {
        const std::string text(8U << 20U, 'x');
        response.sendBuffer(text.data(), text.size());
    });
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 20; ++i) {
        clients.push_back(std::make_unique<RawClient>(fixture.port(), 4'096));
        clients.back()->send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
        CHECK(clients.back()->readUntil("\r\n\r\n").find("HTTP/1.1 200") == 0);
    }
    CHECK(bodyOf(fixture.exchange(kProbe)) == "ok");
    CHECK(clients.front()->readAll().size() < 8U << 20U);
    CHECK(fixture.front().stats().evicted > 0);
}

TEST_CASE("at the connection limit, the longest idle connection is closed") {
    FrontFixture fixture({.max_connections = 10});
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 11; ++i) {
        clients.push_back(std::make_unique<RawClient>(fixture.port()));
        clients.back()->send(kProbe);
        CHECK(bodyOf(clients.back()->readReply()) == "ok");
        while (fixture.front().stats().busy > 0) std::this_thread::yield();
    }
    CHECK(clients.front()->closedByServer(60'000));
    CHECK(fixture.front().stats().connections == 10);
    CHECK(fixture.front().stats().evicted == 1);
}

// Not under UBSan, which opens a pipe to inspect an object's type, and finds no descriptor either.
#ifndef __SANITIZE_ADDRESS__
TEST_CASE("a process without free descriptors turns clients away and recovers", "[F12]") {
    FrontFixture fixture;
    RawClient old(fixture.port());
    old.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na");
    RawClient fresh(fixture.port());
    fresh.send(kProbe);
    CHECK(bodyOf(fresh.readReply()) == "ok");
    while (fixture.front().stats().busy > 0) std::this_thread::yield();  // until it is idle
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const sheafline::FileDescriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
    const int lowest_free = ::dup(socket.get());
    ::close(lowest_free);
    const rlimit none{.rlim_cur = static_cast<rlim_t>(lowest_free), .rlim_max = before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
    const bool connected = sheafline::test::connectTo(socket.get(), fixture.port());
    // The front sees the connection, finds no descriptor, and closes the idle connection for it.
    const bool gave_way = fresh.closedByServer(60'000);
    old.send("b");
    const std::string echoed = bodyOf(old.readReply());
    ::setrlimit(RLIMIT_NOFILE, &before);
    CHECK(connected);
    CHECK(gave_way);
    CHECK(echoed == "ab");
    CHECK(bodyOf(fixture.exchange(kProbe)) == "ok");
}
#endif
