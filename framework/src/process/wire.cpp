#include "process/wire.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/uio.h>

#include <sheafline/error.h>

namespace sheafline {

namespace {

constexpr std::size_t kHeaderBytes = 5;

[[noreturn]] void endedTooEarly() {
    throw Error(ErrorClass::permanent, "WIRE", "a message between processes is cut short");
}

}  // namespace

WireWriter& WireWriter::u64(std::uint64_t value) {
    while (value >= 0x80) {
        bytes_.push_back(static_cast<char>(value | 0x80U));
        value >>= 7U;
    }
    bytes_.push_back(static_cast<char>(value));
    return *this;
}

WireWriter& WireWriter::i64(std::int64_t value) {
    return u64((static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63));
}

WireWriter& WireWriter::real(double value) {
    std::array<char, sizeof value> raw{};
    std::memcpy(raw.data(), &value, sizeof value);
    bytes_.append(raw.data(), raw.size());
    return *this;
}

WireWriter& WireWriter::text(std::string_view value) {
    u64(value.size());
    bytes_.append(value);
    return *this;
}

std::uint64_t WireReader::u64() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (bytes_.empty()) endedTooEarly();
        const auto byte = static_cast<std::uint8_t>(bytes_.front());
        bytes_.remove_prefix(1);
        if (shift == 63 && byte > 1) fail("a number of more than 64 bits");
        value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
        if (byte < 0x80) return value;
    }
    endedTooEarly();
}

std::int64_t WireReader::i64() {
    const std::uint64_t value = u64();
    return static_cast<std::int64_t>((value >> 1U) ^ (~(value & 1U) + 1U));
}

double WireReader::real() {
    double value = 0;
    if (bytes_.size() < sizeof value) endedTooEarly();
    std::memcpy(&value, bytes_.data(), sizeof value);
    bytes_.remove_prefix(sizeof value);
    return value;
}

std::string WireReader::text() {
    const std::uint64_t size = u64();
    if (size > bytes_.size()) endedTooEarly();
    std::string value(bytes_.substr(0, size));
    bytes_.remove_prefix(size);
    return value;
}

bool WireReader::flag() {
    const std::uint64_t value = u64();
    if (value > 1) fail("a wrong flag");
    return value == 1;
}

void WireReader::requireEnd() const {
    if (!bytes_.empty()) fail("bytes after its end");
}

void WireReader::fail(const std::string& what) {
    throw Error(ErrorClass::permanent, "WIRE", "a message between processes has " + what);
}

namespace {

std::string framed(std::uint8_t type, std::string_view payload) {
    if (payload.size() >= kMaxFrameBytes) WireReader::fail("more bytes than the limit");
    const auto length = static_cast<std::uint32_t>(payload.size() + 1);
    std::string bytes;
    bytes.reserve(kHeaderBytes + payload.size());
    for (unsigned shift = 0; shift < 32; shift += 8)
        bytes.push_back(static_cast<char>(length >> shift));
    bytes.push_back(static_cast<char>(type));
    bytes.append(payload);
    return bytes;
}

bool sendAll(int fd, std::string_view bytes, int flags) {
    while (!bytes.empty()) {
        const ssize_t count = ::send(fd, bytes.data(), bytes.size(), flags);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

}  // namespace

bool sendFrame(int fd, std::uint8_t type, std::string_view payload) {
    return sendAll(fd, framed(type, payload), MSG_NOSIGNAL);
}

// A socket takes so few bytes as a whole or not at all.
bool offerFrame(int fd, std::uint8_t type, std::string_view payload) {
    return sendAll(fd, framed(type, payload), MSG_NOSIGNAL | MSG_DONTWAIT);
}

std::optional<Frame> FrameReader::next() {
    while (true) {
        if (auto frame = take()) return frame;
        if (!fill()) return std::nullopt;
    }
}

bool FrameReader::fill() {
    std::array<char, 65536>
        chunk;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by recv
    while (true) {
        const ssize_t count = ::recv(fd_, chunk.data(), chunk.size(), 0);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno == EAGAIN) return true;
        if (count <= 0) return false;
        buffer_.append(chunk.data(), static_cast<std::size_t>(count));
        return true;
    }
}

std::optional<Frame> FrameReader::take() {
    const std::size_t there = buffer_.size() - begin_;
    if (there < kHeaderBytes) return std::nullopt;
    std::uint32_t length = 0;
    for (unsigned i = 0; i < 4; ++i) {
        length |= static_cast<std::uint32_t>(static_cast<std::uint8_t>(buffer_[begin_ + i]))
                  << (8 * i);
    }
    if (length == 0 || length > max_bytes_) WireReader::fail("a wrong length");
    if (there < length + 4) return std::nullopt;
    Frame frame{.type = static_cast<std::uint8_t>(buffer_[begin_ + 4]),
                .payload = buffer_.substr(begin_ + kHeaderBytes, length - 1)};
    begin_ += length + 4;
    if (begin_ == buffer_.size() || begin_ > (1U << 20U)) {
        buffer_.erase(0, begin_);
        begin_ = 0;
    }
    return frame;
}

}  // namespace sheafline
