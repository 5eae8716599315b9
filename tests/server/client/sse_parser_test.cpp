#include "client/sse_parser.h"

#include <string>

#include <catch2/catch.hpp>

#include <sheafline/error.h>

using namespace sheafline;

namespace {

std::string shown(SseParser& parser, const std::string& bytes) {
    std::string text;
    for (const SseMessage& message : parser.take(bytes)) {
        text += message.name.empty() ? "heartbeat;"
                                     : message.name + '#' + message.id + '=' + message.data + ';';
    }
    return text;
}

}  // namespace

TEST_CASE("a stream is parsed into the same messages however its bytes are split") {
    const std::string stream =
        "retry: 1500\n\n: still here\n\nevent: progress\nid: 7\ndata: {\"a\":1}\n\n"
        "data: one\r\ndata:  two\r\n\r\nevent: nothing\n\nevent: complete\nid:8\ndata:x\n\n"
        "event: progress\ndata: not ended";
    const std::string wanted = "heartbeat;progress#7={\"a\":1};message#=one\n two;complete#8=x;";
    for (const std::size_t piece :
         {std::size_t{1}, std::size_t{2}, std::size_t{7}, stream.size()}) {
        SseParser parser;
        std::string seen;
        for (std::size_t at = 0; at < stream.size(); at += piece)
            seen += shown(parser, stream.substr(at, piece));
        CHECK(seen == wanted);
        CHECK(parser.retry() == std::chrono::milliseconds(1500));
    }
}

TEST_CASE("an invalid retry field changes nothing, and an endless line is rejected") {
    SseParser parser;
    CHECK(shown(parser, "retry: soon\n\nretry: -1\n\nretry:\n\n").empty());
    CHECK_FALSE(parser.retry());
    CHECK_THROWS_AS(shown(parser, std::string(5U << 20U, 'x')), Error);
}
