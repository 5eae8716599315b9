// The bytes between the owner, the batch process and the workers. All are the same program, so
// there is no version.
//
//     frame   = length:u32le type:u8 payload    (length counts the type and the payload)
//     payload = fields in the order in which both sides name them
//     field   = varint | zigzag varint | 8 bytes of a double | varint length + bytes
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sheafline {

class WireWriter {
 public:
    WireWriter& u64(std::uint64_t value);
    WireWriter& i64(std::int64_t value);
    WireWriter& real(double value);
    WireWriter& text(std::string_view value);
    WireWriter& flag(bool value) { return u64(value ? 1 : 0); }

    const std::string& bytes() const { return bytes_; }

 private:
    std::string bytes_;
};

// Reads the bytes of another process as untrusted input. Throws Error (WIRE) if the bytes end too
// early or contain an impossible value.
class WireReader {
 public:
    explicit WireReader(std::string_view bytes) : bytes_(bytes) {}

    std::uint64_t u64();
    std::int64_t i64();
    double real();
    std::string text();
    bool flag();  // 0 or 1
    bool atEnd() const { return bytes_.empty(); }
    void requireEnd() const;  // throws if bytes are left over
    // Throws: "a message between processes has an unknown type".
    [[noreturn]] static void fail(const std::string& what);

 private:
    std::string_view bytes_;
};

struct Frame {
    std::uint8_t type = 0;
    std::string payload{};
};

// The most that one frame may hold, unless its reader sets a lower limit.
inline constexpr std::uint32_t kMaxFrameBytes = 256U << 20U;

// Writes one frame whole; false when the other side is gone. Throws Error (WIRE) if it is larger
// than kMaxFrameBytes.
bool sendFrame(int fd, std::uint8_t type, std::string_view payload);
// The same for a frame of a few bytes, without waiting: also false when the socket is full.
bool offerFrame(int fd, std::uint8_t type, std::string_view payload);

// Collects the bytes of one stream socket and returns them as frames. Throws Error (WIRE) if a
// length is 0 or too large: after that the stream cannot be read.
class FrameReader {
 public:
    explicit FrameReader(int fd, std::uint32_t max_bytes = kMaxFrameBytes)
        : fd_(fd), max_bytes_(max_bytes) {}

    std::optional<Frame> next();  // waits for one frame; empty after the other side has closed
    bool fill();  // one read of the available bytes; false after the other side has closed
    std::optional<Frame> take();  // a whole frame out of what was read, if there is one

 private:
    int fd_;
    std::uint32_t max_bytes_;
    std::string buffer_;
    std::size_t begin_ = 0;
};

}  // namespace sheafline
