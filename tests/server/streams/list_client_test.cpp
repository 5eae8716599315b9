// A client of the list of batches that stops reading.
#include "streams/list/list_client.h"

#include <array>
#include <memory>
#include <poll.h>
#include <string>
#include <sys/socket.h>

#include <catch2/catch.hpp>

using namespace sheafline;

namespace {

std::string drained(int socket) {
    std::string bytes;
    std::array<char, 65'536> some;
    for (ssize_t n = 1; n > 0;) {
        n = ::recv(socket, some.data(), some.size(), MSG_DONTWAIT);
        if (n > 0) bytes.append(some.data(), static_cast<std::size_t>(n));
    }
    return bytes;
}

SharedBytes shared(std::string bytes) {
    return std::make_shared<const std::string>(std::move(bytes));
}

}  // namespace

TEST_CASE("a client of the list that did not read gets what it began to read, and one reload") {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
    const FileDescriptor reader(ends[0]);
    ListClient client(FileDescriptor(ends[1]), false, "session", {.user = "alice"});
    const std::string large(4'000'000, 'x');
    client.send(shared(large));
    REQUIRE(client.blocked());
    for (int i = 0; i < 1'000; ++i) client.send(shared("missed"));
    std::string seen;
    while (client.blocked()) {
        seen += drained(reader.get());
        client.onEvents(POLLOUT);
    }
    seen += drained(reader.get());
    CHECK(seen.size() == large.size() + kReloadEvent.size());
    CHECK(seen.ends_with(kReloadEvent));
    client.send(shared("next"));
    CHECK(drained(reader.get()) == "next");
}

TEST_CASE("a client of the list that accepts nothing for two heartbeats is cut") {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
    const FileDescriptor reader(ends[0]);
    ListClient client(FileDescriptor(ends[1]), false, "session", {.user = "alice"});
    client.send(shared(std::string(4'000'000, 'x')));
    client.beat(shared(":\n\n"));
    client.beat(shared(":\n\n"));
    CHECK_FALSE(client.gone());
    client.beat(shared(":\n\n"));
    CHECK(client.gone());
}

TEST_CASE("an event is a chunk of HTTP 1.1 with its size in hexadecimal digits") {
    CHECK(listChunk("event: a\n\n", true) == "a\r\nevent: a\n\n\r\n");
    CHECK(listChunk(std::string(300, 'x'), true).starts_with("12c\r\nxxx"));
    CHECK(listChunk("abc", false) == "abc");
}
