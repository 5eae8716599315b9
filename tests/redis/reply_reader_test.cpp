#include "reply_reader.h"

#include <sstream>

#include <Poco/Exception.h>
#include <catch2/catch.hpp>

using namespace sheafline::redis;

namespace {

Reply readText(const std::string& bytes) {
    std::istringstream in(bytes);
    return readReply(in);
}

// "integer 5", "text abc", "[text a, nil]"
std::string shown(const Reply& reply) {
    switch (reply.kind) {
        case Reply::Kind::nil:
            return "nil";
        case Reply::Kind::integer:
            return "integer " + std::to_string(reply.integer);
        case Reply::Kind::text:
            return "text " + reply.text;
        case Reply::Kind::error:
            return "error " + reply.text;
        case Reply::Kind::array:
            break;
    }
    std::string text;
    for (const Reply& item : reply.items) text += (text.empty() ? "[" : ", ") + shown(item);
    return text + "]";
}

std::string rejection(const std::string& bytes) {
    try {
        return shown(readText(bytes));
    } catch (const Poco::DataFormatException& error) {
        return error.message();
    }
}

std::string repeated(const std::string& text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
}

}  // namespace

TEST_CASE("a reply of each kind is read") {
    CHECK(shown(readText("+OK\r\n")) == "text OK");
    CHECK(shown(readText("-ERR no such key\r\n")) == "error ERR no such key");
    CHECK(shown(readText(":-12\r\n")) == "integer -12");
    CHECK(shown(readText("$5\r\na\r\nbc\r\n")) == "text a\r\nbc");
    CHECK(shown(readText("$0\r\n\r\n")) == "text ");
    CHECK(shown(readText("$-1\r\n")) == "nil");
    CHECK(shown(readText("*-1\r\n")) == "nil");
    CHECK(shown(readText("*0\r\n")) == "nil");
    CHECK(shown(readText("*3\r\n:1\r\n$-1\r\n*1\r\n+a\r\n")) == "[integer 1, nil, [text a]]");
}

TEST_CASE("a reply leaves the next one in the stream") {
    std::istringstream in("$3\r\nabc\r\n:7\r\n");
    CHECK(shown(readReply(in)) == "text abc");
    CHECK(shown(readReply(in)) == "integer 7");
}

TEST_CASE("what is not a reply is rejected with its reason") {
    struct Case {
        std::string bytes;
        std::string reason;
    };
    const auto c = GENERATE(values<Case>({
        {"", "the reply ends early"},
        {"HTTP/1.1 400 Bad Request\r\n", "a reply cannot begin with 'H'"},
        {"+OK\n", "the reply ends early"},
        {"+OK\rx", "a line of the reply does not end with CRLF"},
        {":12x\r\n", "'12x' is not an integer"},
        {":99999999999999999999\r\n", "'99999999999999999999' is not an integer"},
        {"$-2\r\n", "the reply claims a size of -2"},
        {"$3\r\nabcd\r\n", "a text of the reply is longer than its stated length"},
        {"*2\r\n:1\r\n", "the reply ends early"},
        {"+" + std::string(70'000, 'a') + "\r\n", "a line of the reply is too long"},
    }));
    CHECK(rejection(c.bytes) == c.reason);
}

TEST_CASE("a false length or count takes no memory, and nested arrays no stack") {
    CHECK(rejection("$536870912\r\nabc") == "the reply ends early");
    CHECK(rejection("$99999999999\r\nabc") == "the reply claims a size of 99999999999");
    CHECK(rejection("*1048576\r\n:1\r\n") == "the reply ends early");
    CHECK(rejection("*2147483647\r\n") == "the reply claims a size of 2147483647");
    CHECK(rejection(repeated("*1\r\n", 1'000'000)) ==
          "the arrays of the reply are nested too deeply");
}
