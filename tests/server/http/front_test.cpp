// How the front handles connections that are kept alive, half closed, ask for 100-continue, or are
// handed over.
#include <latch>
#include <memory>
#include <ostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include <Poco/Net/HTMLForm.h>
#include <catch2/catch.hpp>

#include "front_fixture.h"
#include "raw_client.h"

using namespace sheafline::http;
using namespace sheafline::http::test;

namespace {

std::string get(const std::string& path, const std::string& fields = {}) {
    return "GET " + path + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}

std::string put(const std::string& path, const std::string& fields, const std::string& body) {
    return "PUT " + path + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + body;
}

void say(Response& response, const std::string& text) {
    response.sendBuffer(text.data(), text.size());
}

}  // namespace

TEST_CASE("a connection serves one request after the other") {
    FrontFixture fixture;
    RawClient client(fixture.port());
    for (int i = 0; i < 3; ++i) {
        client.send(get("/items/" + std::to_string(i)));
        CHECK(bodyOf(client.readReply()) == std::to_string(i));
    }
    CHECK(fixture.front().stats().accepted == 1);
    CHECK(fixture.front().stats().requests == 3);
}

TEST_CASE("pipelined requests are answered in order") {
    FrontFixture fixture;
    RawClient client(fixture.port());
    client.send(
        get("/items/1") + "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n2" +
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n3\r\n0\r\n\r\n" +
        get("/nothing") + get("/items/4", "Connection: close\r\n"));
    std::string bodies;
    for (int i = 0; i < 5; ++i) bodies += bodyOf(client.readReply()).substr(0, 1);
    CHECK(bodies == "123{4");
    CHECK(client.closedByServer(60'000));
}

TEST_CASE("a pipelined request after one that fills the read buffer is answered") {
    FrontFixture fixture;
    RawClient client(fixture.port());
    for (const std::size_t size : {std::size_t{16} * 1024, std::size_t{64} * 1024}) {
        const std::string head = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: ";
        std::string request = head + std::to_string(size - head.size() - 9) + "\r\n\r\n";
        request.append(size - request.size(), 'a');
        client.send(request + get("/items/2"));
        CHECK(bodyOf(client.readReply()).starts_with("aaa"));
        CHECK(bodyOf(client.readReply()) == "2");
    }
}

TEST_CASE("bytes that arrive while a request is handled are read after its answer") {
    FrontFixture fixture;
    std::latch begun(2);
    std::latch may_end(1);
    fixture.route("GET", "/long", {}, [&](Call&, Request&, Response& response) {
        begun.count_down();
        may_end.wait();
        say(response, "long");
    });
    RawClient going_on(fixture.port());
    RawClient leaving(fixture.port());
    going_on.send(get("/long"));
    leaving.send(get("/long"));
    begun.wait();
    going_on.send(get("/items/2"));
    leaving.endSending();
    CHECK(bodyOf(fixture.exchange(get("/healthz"))) == "ok");  // the loop has seen these by now
    may_end.count_down();
    CHECK(bodyOf(going_on.readReply()) == "long");
    CHECK(bodyOf(going_on.readReply()) == "2");
    CHECK(bodyOf(leaving.readReply()) == "long");
    CHECK(leaving.closedByServer(60'000));
}

TEST_CASE("slow handlers do not delay a quick one while threads are free") {
    FrontFixture fixture({.api_threads = 4});
    std::latch may_end(1);
    fixture.route("GET", "/long", {}, [&](Call&, Request&, Response& response) {
        may_end.wait();
        say(response, "long");
    });
    std::vector<std::unique_ptr<RawClient>> slow;
    for (int i = 0; i < 3; ++i) {
        slow.push_back(std::make_unique<RawClient>(fixture.port()));
        slow.back()->send(get("/long"));
    }
    RawClient quick(fixture.port());
    for (int i = 0; i < 100; ++i) {
        quick.send(get("/items/" + std::to_string(i)));
        CHECK(bodyOf(quick.readReply()) == std::to_string(i));
    }
    may_end.count_down();
    for (const auto& client : slow) CHECK(bodyOf(client->readReply()) == "long");
}

TEST_CASE("a request may arrive byte by byte") {
    FrontFixture fixture;
    RawClient client(fixture.port());
    for (const char byte :
         "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" + get("/healthz"))
        client.send(std::string(1, byte));
    CHECK(bodyOf(client.readReply()) == "abc");
    CHECK(bodyOf(client.readReply()) == "ok");
}

TEST_CASE("an HTTP/1.0 connection closes unless the client asks to keep it") {
    FrontFixture fixture;
    RawClient plain(fixture.port());
    plain.send("GET /healthz HTTP/1.0\r\n\r\n");
    CHECK(plain.readReply().find("HTTP/1.0 200 OK\r\n") == 0);
    CHECK(plain.closedByServer(60'000));
    RawClient keeping(fixture.port());
    for (int i = 0; i < 2; ++i) {
        keeping.send("GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        CHECK(bodyOf(keeping.readReply()) == "ok");
    }
}

TEST_CASE("HEAD answers as GET without the body, and OPTIONS and 405 say what is allowed") {
    FrontFixture fixture;
    RawClient client(fixture.port());
    client.send("HEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string head = client.readUntil("\r\n\r\n");
    CHECK(head.find("Content-Length: 2\r\n") != std::string::npos);
    client.send("OPTIONS /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string options = client.readUntil("\r\n\r\n");
    CHECK(statusOf(options) == 204);
    CHECK(options.find("Allow: GET, HEAD, OPTIONS\r\n") != std::string::npos);
    client.send("DELETE /echo HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string rejected = client.readReply();
    CHECK(statusOf(rejected) == 405);
    CHECK(rejected.find("Allow: OPTIONS, POST\r\n") != std::string::npos);
    CHECK(
        bodyOf(rejected) ==
        R"({"type":"about:blank","title":"Method Not Allowed","status":405,)"
        R"("detail":"this path has other methods; use one that the field Allow names","code":"METHOD_NOT_ALLOWED"})");
}

TEST_CASE("100-continue is answered once the request is known to be welcome") {
    FrontFixture fixture;
    RawClient welcome(fixture.port());
    welcome.send(
        "PUT /upload HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    CHECK(welcome.readUntil("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    welcome.send("abcd");
    CHECK(bodyOf(welcome.readReply()) == "4");
    RawClient rejected(fixture.port());
    rejected.send(
        "POST /login HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 99\r\n\r\n");
    CHECK(statusesOf(rejected.readAll()) == "413");
}

TEST_CASE("a client that half-closes after a complete request still receives the answer") {
    FrontFixture fixture({.idle_timeout = std::chrono::minutes(10)});
    for (int i = 0; i < 20; ++i) {
        RawClient client(fixture.port());
        client.send(get("/healthz"));
        client.endSending();
        CHECK(bodyOf(client.readReply()) == "ok");
        CHECK(client.closedByServer(60'000));
    }
}

TEST_CASE("a truncated body is an error to its handler, never a shorter body") {
    FrontFixture fixture;
    const std::string big(100'000, 'x');
    for (const std::string& request :
         {put("/upload", "Content-Length: 10\r\n", "abc"),
          put("/upload", "Content-Length: 200000\r\n", big),
          put("/upload", "Transfer-Encoding: chunked\r\n", "5\r\nabc"),
          put("/upload", "Transfer-Encoding: chunked\r\n", "186a0\r\n" + big + "\r\n")}) {
        RawClient client(fixture.port());
        client.send(request);
        client.endSending();
        CHECK(statusesOf(client.readAll()) == "400");
    }
}

TEST_CASE("uploads arrive complete, with a length and in chunks") {
    FrontFixture fixture;
    const std::string big(3'000'000, 'x');
    RawClient client(fixture.port());
    client.send(put("/upload", "Content-Length: 3000000\r\n", big));
    CHECK(bodyOf(client.readReply()) == "3000000");
    client.send(put("/upload", "Transfer-Encoding: chunked\r\n",
                    "2dc6c0\r\n" + big + "\r\n1\r\nx\r\n0\r\n\r\n") +
                get("/healthz"));
    CHECK(bodyOf(client.readReply()) == "3000001");
    CHECK(bodyOf(client.readReply()) == "ok");
}

TEST_CASE("Poco reads a form, by length and in chunks") {
    FrontFixture fixture;
    fixture.route("POST", "/form", {}, [](Call&, Request& request, Response& response) {
        const Poco::Net::HTMLForm form(request, request.stream());
        say(response, form.get("username") + '/' + form.get("password"));
    });
    const std::string begin =
        "POST /form HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    RawClient client(fixture.port());
    client.send(begin + "Content-Length: 26\r\n\r\nusername=ann&password=p%21");
    CHECK(bodyOf(client.readReply()) == "ann/p!");
    client.send(begin + "Transfer-Encoding: chunked\r\n\r\n" +
                "e\r\nusername=ann&p\r\nc\r\nassword=p%21\r\n0\r\n\r\n" + get("/healthz"));
    CHECK(bodyOf(client.readReply()) == "ann/p!");
    CHECK(bodyOf(client.readReply()) == "ok");
}

TEST_CASE("a failing handler causes a 500 without the reason, or a visibly truncated answer") {
    FrontFixture fixture;
    fixture.route("GET", "/throws", {},
                  [](Call&, Request&, Response&) { throw std::runtime_error("/secret/path"); });
    fixture.route("GET", "/conflict", {}, [](Call&, Request&, Response&) {
        throw HttpError(409, "OFFSET_MISMATCH", "the upload is at byte \"5\"");
    });
    fixture.route("GET", "/silent", {}, [](Call&, Request&, Response&) {});
    fixture.route("GET", "/cut", {}, [](Call&, Request&, Response& response) {
        response.send() << "half" << std::flush;
        throw std::runtime_error("in the middle");
    });
    fixture.route("GET", "/short", {}, [](Call&, Request&, Response& response) {
        response.setContentLength(10);
        response.send() << "half";
    });
    fixture.route("GET", "/split", {}, [](Call&, Request&, Response& response) {
        response.set("X-Name", "a\r\nSet-Cookie: b");
        say(response, "body");
    });
    RawClient client(fixture.port());
    client.send(get("/throws") + get("/conflict") + get("/silent") + get("/split") +
                get("/healthz"));
    const std::string failed = client.readReply();
    CHECK(statusOf(failed) == 500);
    CHECK(failed.find("secret") == std::string::npos);
    CHECK(bodyOf(client.readReply()) ==
          R"({"type":"about:blank","title":"Conflict","status":409,)"
          R"("detail":"the upload is at byte \"5\"","code":"OFFSET_MISMATCH"})");
    CHECK(statusOf(client.readReply()) == 500);
    const std::string split = client.readReply();
    CHECK(statusOf(split) == 500);
    CHECK(split.find("Cookie") == std::string::npos);
    CHECK(bodyOf(client.readReply()) == "ok");
    const std::string cut = fixture.exchange(get("/cut"));
    CHECK(cut.find("half") != std::string::npos);
    CHECK(cut.find("\r\n0\r\n") == std::string::npos);
    CHECK(bodyOf(fixture.exchange(get("/short"))) == "half");
    CHECK(fixture.log().lines == 5);
}

TEST_CASE("an answer without length is chunked, and closes for HTTP/1.0") {
    FrontFixture fixture;
    fixture.route("GET", "/open", {},
                  [](Call&, Request&, Response& response) { response.send() << "text"; });
    CHECK(bodyOf(fixture.exchange(get("/open", "Connection: close\r\n"))) ==
          "4\r\ntext\r\n0\r\n\r\n");
    CHECK(bodyOf(fixture.exchange("GET /open HTTP/1.0\r\n\r\n")) == "text");
}

TEST_CASE("X-Forwarded-For counts only from trusted proxies") {
    const std::string request = get(
        "/origin", "X-Forwarded-For: 6.6.6.6, 9.9.9.9, 10.1.2.3\r\nX-Forwarded-Proto: https\r\n");
    FrontFixture open;
    CHECK(bodyOf(open.exchange(request)) == "127.0.0.1 http");
    FrontFixture trusting({.trusted_proxies = {"127.0.0.1", "10.0.0.0/8"}});
    CHECK(bodyOf(trusting.exchange(request)) == "9.9.9.9 https");
    CHECK_THROWS_WITH(
        ProxyTrust({"10.0.0.0/33"}),
        "trusted_proxies: '10.0.0.0/33' is not an address or network such as 10.0.0.0/8");
}

TEST_CASE("a detached connection belongs to the new owner, and the front keeps running") {
    FrontFixture fixture;
    sheafline::FileDescriptor taken;
    std::latch detached(1);
    fixture.route("GET", "/stream", {}, [&](Call& call, Request&, Response& response) {
        response.setContentType("text/event-stream");
        response.send().flush();
        taken = call.detach();
        detached.count_down();
    });
    RawClient client(fixture.port());
    client.send(get("/stream"));
    detached.wait();
    CHECK(client.readUntil("\r\n\r\n").find("text/event-stream") != std::string::npos);
    CHECK(::write(taken.get(), "hello", 5) == 5);
    CHECK(client.readUntil("hello") == "hello");
    CHECK(bodyOf(fixture.exchange(get("/healthz"))) == "ok");
    taken = sheafline::FileDescriptor();
    CHECK(client.readAll().empty());
}

TEST_CASE("an event stream without room is answered with 200 and a retry time") {
    FrontFixture fixture({.queue_length = 0});
    fixture.route("GET", "/stream", {.event_stream = true}, [](Call&, Request&, Response&) {});
    CHECK(statusOf(fixture.exchange("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")) == 503);
    const std::string reply = fixture.exchange("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(statusOf(reply) == 200);
    CHECK(reply.find("Content-Type: text/event-stream\r\n") != std::string::npos);
    CHECK(reply.find("Connection: close\r\n") != std::string::npos);
    CHECK(bodyOf(reply).starts_with("retry: "));
}

TEST_CASE("a stop lets requests finish and closes idle connections") {
    FrontFixture fixture;
    std::latch begun(1);
    std::latch may_end(1);
    fixture.route("GET", "/long", {}, [&](Call&, Request&, Response& response) {
        begun.count_down();
        may_end.wait();
        say(response, "done");
    });
    RawClient idle(fixture.port());
    RawClient busy(fixture.port());
    busy.send(get("/long"));
    begun.wait();
    std::jthread stopper([&] { fixture.front().stop(std::chrono::seconds(60)); });
    CHECK(idle.closedByServer(60'000));
    CHECK_THROWS(RawClient(fixture.port()));
    may_end.count_down();
    CHECK(bodyOf(busy.readReply()) == "done");
    CHECK(busy.closedByServer(60'000));
}
