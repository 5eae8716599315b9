// What counts as one request: each case is an attempt to smuggle a second one.
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "front_fixture.h"
#include "raw_client.h"

using namespace sheafline::http;
using namespace sheafline::http::test;
using namespace std::string_literals;

namespace {

struct Case {
    std::string name;
    std::string bytes;
    std::string statuses;  // of all answers on the connection
};

void check(FrontFixture& fixture, const std::vector<Case>& cases) {
    for (const Case& one : cases) {
        INFO(one.name);
        RawClient client(fixture.port());
        client.send(one.bytes);
        const std::string last = one.statuses.substr(one.statuses.size() - 3);
        const bool stays = last == "200" || last == "404" || last == "405";
        // First the expected bytes, however long a busy machine takes; then, for a moment, bytes
        // that must not come.
        std::string replies;
        for (int i = 0; i < 400 && statusesOf(replies).size() < one.statuses.size(); ++i)
            replies += client.readAll(stays ? 150 : 60'000);
        replies += client.readAll(stays ? 150 : 60'000);
        CHECK(statusesOf(replies) == one.statuses);
    }
}

std::string post(const std::string& fields, const std::string& body) {
    return "POST /echo HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + body;
}

const std::string kNext = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";

}  // namespace

TEST_CASE("the front rejects a request whose length is ambiguous") {
    FrontFixture fixture;
    check(
        fixture,
        {{"length", post("Content-Length: 3\r\n", "abc") + kNext, "200 200"},
         {"length 0", post("Content-Length: 0\r\n", "") + kNext, "200 200"},
         {"no length", post("", "") + kNext, "200 200"},
         {"length and chunked",
          post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n") + kNext, "400"},
         {"chunked and length",
          post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "abc") + kNext, "400"},
         {"two lengths", post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc") + kNext, "400"},
         {"list of lengths", post("Content-Length: 3, 3\r\n", "abc") + kNext, "400"},
         {"signed length", post("Content-Length: +3\r\n", "abc") + kNext, "400"},
         {"negative length", post("Content-Length: -3\r\n", "abc") + kNext, "400"},
         {"hex length", post("Content-Length: 0x3\r\n", "abc") + kNext, "400"},
         {"length with a tail", post("Content-Length: 3a\r\n", "abc") + kNext, "400"},
         {"empty length", post("Content-Length: \r\n", "abc") + kNext, "400"},
         {"huge length", post("Content-Length: 99999999999999999999\r\n", "abc") + kNext, "400"},
         {"length with space", post("Content-Length: 1 2\r\n", "abc") + kNext, "400"},
         {"space before colon", post("Content-Length : 3\r\n", "abc") + kNext, "400"},
         {"tab before colon", post("Content-Length\t: 3\r\n", "abc") + kNext, "400"},
         {"two codings",
          post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n") + kNext,
          "400"},
         {"chunked twice", post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n") + kNext,
          "400"},
         {"unknown coding", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n") + kNext,
          "501"},
         {"identity", post("Transfer-Encoding: identity\r\n", "abc") + kNext, "501"},
         {"xchunked", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n") + kNext, "501"},
         {"empty coding", post("Transfer-Encoding:\r\n", "0\r\n\r\n") + kNext, "400"},
         {"folded coding", post("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n") + kNext, "400"},
         {"chunked in capitals", post("Transfer-Encoding: CHUNKED\r\n", "0\r\n\r\n") + kNext,
          "200 200"},
         {"chunked in 1.0",
          "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + kNext, "400"},
         {"bare LF", "GET /healthz HTTP/1.1\nHost: a\n\n" + kNext, "400"},
         {"bare CR", "GET /healthz HTTP/1.1\r\nHost: a\rX: b\r\n\r\n" + kNext, "400"},
         {"NUL", "GET /healthz HTTP/1.1\r\nHost: a\r\nX: b\0c\r\n\r\n"s + kNext, "400"},
         {"0xff", "GET /healthz HTTP/1.1\r\nHost: a\r\nX: \xff\r\n\r\n" + kNext, "400"},
         {"fold", "GET /healthz HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n" + kNext, "400"},
         {"fold first", "GET /healthz HTTP/1.1\r\n Host: a\r\n\r\n" + kNext, "400"},
         {"no colon", "GET /healthz HTTP/1.1\r\nHost: a\r\nX\r\n\r\n" + kNext, "400"},
         {"empty name", "GET /healthz HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n" + kNext, "400"},
         {"name with a space", "GET /healthz HTTP/1.1\r\nHost: a\r\nX y: b\r\n\r\n" + kNext, "400"},
         {"body of a GET",
          "GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" + kNext, "200 200"},
         {"unread body",
          "POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" +
              std::string(100'000 - kNext.size(), 'x') + kNext + kNext,
          "200"},
         {"rejected body",
          "POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 39\r\n\r\n" + kNext, "404"}});
}

TEST_CASE("the front reads chunks strictly") {
    FrontFixture fixture;
    const auto chunked = [](const std::string& body) {
        return post("Transfer-Encoding: chunked\r\n", body) + kNext;
    };
    check(fixture, {{"one", chunked("3\r\nabc\r\n0\r\n\r\n"), "200 200"},
                    {"two", chunked("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), "200 200"},
                    {"hex", chunked("A\r\n0123456789\r\n0\r\n\r\n"), "200 200"},
                    {"zeros before", chunked("003\r\nabc\r\n000\r\n\r\n"), "200 200"},
                    {"extension", chunked("3;a=b\r\nabc\r\n0\r\n\r\n"), "200 200"},
                    {"trailer", chunked("3\r\nabc\r\n0\r\nX: y\r\n\r\n"), "200 200"},
                    {"no digits", chunked("\r\nabc\r\n0\r\n\r\n"), "400"},
                    {"no hex", chunked("g\r\nabc\r\n0\r\n\r\n"), "400"},
                    {"0x", chunked("0x3\r\nabc\r\n0\r\n\r\n"), "400"},
                    {"sign", chunked("+3\r\nabc\r\n0\r\n\r\n"), "400"},
                    {"space before", chunked(" 3\r\nabc\r\n0\r\n\r\n"), "400"},
                    {"space after", chunked("3 \r\nabc\r\n0\r\n\r\n"), "400"},
                    {"bare LF", chunked("3\nabc\r\n0\r\n\r\n"), "400"},
                    {"bare CR", chunked("3\rabc\r\n0\r\n\r\n"), "400"},
                    {"too long", chunked("3\r\nabcd\r\n0\r\n\r\n"), "400"},
                    {"too short", chunked("4\r\nabc\r\n0\r\n\r\n"), "400"},
                    {"LF after the data", chunked("3\r\nabc\n0\r\n\r\n"), "400"},
                    {"overflow", chunked("fffffffffffffffff\r\nabc\r\n0\r\n\r\n"), "400"},
                    {"over the limit", chunked("fffffff\r\nabc\r\n0\r\n\r\n"), "413"},
                    {"trailer without colon", chunked("0\r\nabc\r\n\r\n"), "400"},
                    {"trailer with bare LF", chunked("0\r\nX: y\n\r\n"), "400"},
                    {"extension with LF", chunked("3;a\nb\r\nabc\r\n0\r\n\r\n"), "400"},
                    {"long extension",
                     chunked("3;" + std::string(300, 'a') + "\r\nabc\r\n0\r\n\r\n"), "400"}});
}

TEST_CASE("the front rejects a malformed request line or path") {
    FrontFixture fixture;
    const auto line = [](const std::string& text) { return text + "\r\nHost: a\r\n\r\n"; };
    const auto path = [&](const std::string& text) { return line("GET " + text + " HTTP/1.1"); };
    check(fixture,
          {{"good", path("/healthz"), "200"},
           {"query", path("/healthz?a=b&c=%20"), "200"},
           {"absolute", path("http://a.example:80/healthz"), "200"},
           {"one empty line before", "\r\n" + path("/healthz"), "200"},
           {"two empty lines before", "\r\n\r\n" + path("/healthz"), "400"},
           {"HTTP/0.9", "GET /healthz\r\n", "400"},
           {"TLS hello", "\x16\x03\x01\x02\0\x01"s, "400"},
           {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"},
           {"HTTP/1.2", line("GET /healthz HTTP/1.2"), "505"},
           {"http/1.1", line("GET /healthz http/1.1"), "400"},
           {"HTTP/1.10", line("GET /healthz HTTP/1.10"), "400"},
           {"two spaces", line("GET  /healthz HTTP/1.1"), "400"},
           {"tab", line("GET\t/healthz HTTP/1.1"), "400"},
           {"space at the end", line("GET /healthz HTTP/1.1 "), "400"},
           {"space at the start", line(" GET /healthz HTTP/1.1"), "400"},
           {"space in the path", path("/health z"), "400"},
           {"no slash", path("healthz"), "400"},
           {"fragment", path("/healthz#a"), "400"},
           {"quote", path("/healthz\""), "400"},
           {"eight bit", path("/h\xc3\xa9"), "400"},
           {"method with a slash", line("GE/T /healthz HTTP/1.1"), "400"},
           {"unknown method", line("BREW /healthz HTTP/1.1"), "405"},
           {"small method", line("get /healthz HTTP/1.1"), "405"},
           {"connect", line("CONNECT a:80 HTTP/1.1"), "400"},
           {"trace", line("TRACE /healthz HTTP/1.1"), "405"},
           {"star", line("GET * HTTP/1.1"), "400"},
           {"dots", path("/items/../healthz"), "400"},
           {"dot", path("/./healthz"), "400"},
           {"encoded dots", path("/items/%2e%2E"), "400"},
           {"encoded slash", path("/items/a%2fb"), "400"},
           {"encoded backslash", path("/items/a%5cb"), "400"},
           {"encoded NUL", path("/items/a%00b"), "400"},
           {"encoded newline", path("/items/a%0ab"), "400"},
           {"half a code", path("/items/a%2"), "400"},
           {"no code", path("/items/%zz"), "400"},
           {"overlong UTF-8", path("/items/%c0%af"), "400"},
           {"encoded letter", path("/items/%61%C3%A9"), "200"},
           {"empty param", path("/items/"), "404"},
           {"double slash", path("//healthz"), "404"},
           {"slash at the end", path("/healthz/"), "404"},
           {"no host", "GET /healthz HTTP/1.1\r\n\r\n", "400"},
           {"two hosts", "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "400"},
           {"empty host", "GET /healthz HTTP/1.1\r\nHost:\r\n\r\n", "400"},
           {"host with a path", "GET /healthz HTTP/1.1\r\nHost: a/b\r\n\r\n", "400"},
           {"host with a user", "GET /healthz HTTP/1.1\r\nHost: u@a\r\n\r\n", "400"},
           {"host of IPv6", "GET /healthz HTTP/1.1\r\nHost: [::1]:8000\r\n\r\n", "200"},
           {"1.0 without host", "GET /healthz HTTP/1.0\r\n\r\n", "200"},
           {"two authorizations",
            "GET /healthz HTTP/1.1\r\nHost: a\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n",
            "400"}});
}

TEST_CASE("the front enforces its size limits") {
    FrontFixture fixture;
    const auto fields = [](int count, std::size_t size) {
        std::string text = "GET /healthz HTTP/1.1\r\nHost: a\r\n";
        for (int i = 1; i < count; ++i) text += "X: " + std::string(size, 'x') + "\r\n";
        return text + "\r\n";
    };
    check(
        fixture,
        {{"100 fields", fields(100, 1), "200"},
         {"101 fields", fields(101, 1), "431"},
         {"a head of 15 KiB", fields(3, 7'600), "200"},
         {"a head of 24 KiB", fields(4, 7'600), "431"},
         {"a value of 9 kB", fields(2, 9'000), "431"},
         {"a target of 9 kB", "GET /" + std::string(9'000, 'a') + " HTTP/1.1\r\n", "414"},
         {"an endless line", "GET /" + std::string(20'000, 'a'), "414"},
         {"a body of the limit",
          "POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 16\r\n\r\n0123456789abcdef", "200"},
         {"a body over the limit",
          "POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 17\r\n\r\n0123456789abcdefg", "413"},
         {"chunks over the limit",
          "POST /login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
          "8\r\n01234567\r\n9\r\n012345678\r\n0\r\n\r\n",
          "413"},
         {"another expectation",
          "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: tea\r\nContent-Length: 1\r\n\r\n", "417"}});
}
