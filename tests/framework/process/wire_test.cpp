// The bytes between processes: malformed ones are an Error, never a crash.
#include "process/wire.h"

#include <array>
#include <limits>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <sheafline/error.h>
#include <sheafline/file_descriptor.h>

using namespace sheafline;  // NOLINT(google-build-using-namespace)

namespace {

template <typename Read>
std::string errorOf(const Read& read) {
    try {
        read();
    } catch (const Error& error) {
        return error.code() + ": " + error.what();
    }
    return {};
}

struct Line {
    FileDescriptor ours;
    FileDescriptor theirs;

    Line() {
        std::array<int, 2> pair{};
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()) == 0);
        ours = FileDescriptor(pair[0]);
        theirs = FileDescriptor(pair[1]);
    }
    void write(std::string_view bytes) const {
        REQUIRE(::send(theirs.get(), bytes.data(), bytes.size(), 0) ==
                static_cast<ssize_t>(bytes.size()));
    }
};

}  // namespace

TEST_CASE("fields come back as they were written") {
    const std::string text("a\0b\xff", 4);
    WireWriter out;
    out.u64(0).u64(std::numeric_limits<std::uint64_t>::max());
    out.i64(-1).i64(std::numeric_limits<std::int64_t>::min());
    out.real(-0.5).text(text).text("").flag(true);
    WireReader in(out.bytes());
    CHECK(in.u64() == 0);
    CHECK(in.u64() == std::numeric_limits<std::uint64_t>::max());
    CHECK(in.i64() == -1);
    CHECK(in.i64() == std::numeric_limits<std::int64_t>::min());
    CHECK(in.real() == -0.5);
    CHECK(in.text() == text);
    CHECK(in.text().empty());
    CHECK(in.flag());
    CHECK(in.atEnd());
    in.requireEnd();
}

TEST_CASE("every cut of a message is an error") {
    const std::string bytes = WireWriter().u64(300).text("abc").real(1).bytes();
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        CHECK(errorOf([&] {
                  WireReader in(std::string_view(bytes).substr(0, length));
                  in.u64();
                  in.text();
                  in.real();
              }) == "WIRE: a message between processes is cut short");
    }
}

TEST_CASE("a number of more than 64 bits, a wrong flag and bytes left over are errors") {
    CHECK(errorOf([] { WireReader(std::string(9, '\xff') + '\x02').u64(); }) ==
          "WIRE: a message between processes has a number of more than 64 bits");
    CHECK(errorOf([] { WireReader(std::string(11, '\xff')).u64(); }) ==
          "WIRE: a message between processes has a number of more than 64 bits");
    CHECK(errorOf([] { WireReader("\x02").flag(); }) ==
          "WIRE: a message between processes has a wrong flag");
    CHECK(errorOf([] { WireReader("x").requireEnd(); }) ==
          "WIRE: a message between processes has bytes after its end");
}

TEST_CASE("frames arrive whole, however their bytes are cut") {
    const Line line;
    FrameReader frames(line.ours.get());
    const std::string bytes("\x03\0\0\0\x07hi\x01\0\0\0\x08", 12);
    std::vector<Frame> found;
    for (const char byte : bytes) {
        line.write({&byte, 1});
        REQUIRE(frames.fill());
        while (auto frame = frames.take()) found.push_back(std::move(*frame));
    }
    REQUIRE(found.size() == 2);
    CHECK(found[0].type == 7);
    CHECK(found[0].payload == "hi");
    CHECK(found[1].type == 8);
    CHECK(found[1].payload.empty());
}

TEST_CASE("a frame of no length or above the reader's limit is an error before it is read") {
    const std::string length = GENERATE(std::string("\0\0\0\0", 4), std::string("\xff\xff\xff\xff"),
                                        std::string("\x11\0\0\0", 4));
    const Line line;
    FrameReader frames(line.ours.get(), 16);
    line.write(length + "?");
    REQUIRE(frames.fill());
    CHECK(errorOf([&] { frames.take(); }) ==
          "WIRE: a message between processes has a wrong length");
}

TEST_CASE("the end of the other side is the end of the frames") {
    Line line;
    FrameReader frames(line.ours.get());
    line.write({"\x05\0\0\0\x01", 5});
    line.theirs.reset();
    CHECK_FALSE(frames.next());
    CHECK_FALSE(sendFrame(line.ours.get(), 1, "x"));
}

TEST_CASE("a frame that no reader would take is not sent") {
    const Line line;
    const std::string large(kMaxFrameBytes, 'x');
    CHECK(errorOf([&] { sendFrame(line.ours.get(), 1, large); }) ==
          "WIRE: a message between processes has more bytes than the limit");
}
