#include "reply_reader.h"

#include <algorithm>
#include <charconv>
#include <istream>
#include <string>

#include <Poco/Exception.h>

namespace sheafline::redis {

namespace {

constexpr std::size_t kMostLine = 64U << 10U;
constexpr std::int64_t kMostBytes = 512LL << 20U;
constexpr std::int64_t kMostItems = 1LL << 20U;
constexpr int kMostDepth = 8;
constexpr std::int64_t kStep = 64LL << 10U;  // a false length costs no more memory than this

[[noreturn]] void rejectReply(const std::string& what) { throw Poco::DataFormatException(what); }

char next(std::istream& in) {
    const int c = in.get();
    if (c == std::istream::traits_type::eof()) rejectReply("the reply ends early");
    return static_cast<char>(c);
}

std::string lineOf(std::istream& in) {
    std::string line;
    for (char c = next(in); c != '\r'; c = next(in)) {
        if (line.size() == kMostLine) rejectReply("a line of the reply is too long");
        line += c;
    }
    if (next(in) != '\n') rejectReply("a line of the reply does not end with CRLF");
    return line;
}

std::int64_t integerOf(const std::string& line) {
    std::int64_t value = 0;
    const char* end = line.data() + line.size();
    const auto [stop, error] = std::from_chars(line.data(), end, value);
    if (error != std::errc() || stop != end)
        rejectReply("'" + line.substr(0, 40) + "' is not an integer");
    return value;
}

// A length or a count; -1 is nil.
std::int64_t sizeOf(const std::string& line, std::int64_t most) {
    const std::int64_t size = integerOf(line);
    if (size < -1 || size > most) rejectReply("the reply claims a size of " + line);
    return size;
}

std::string bytesOf(std::istream& in, std::int64_t length) {
    std::string bytes;
    while (length > 0) {
        const std::int64_t step = std::min(length, kStep);
        const std::size_t begin = bytes.size();
        bytes.resize(begin + static_cast<std::size_t>(step));
        in.read(bytes.data() + begin, step);
        if (in.gcount() != step) rejectReply("the reply ends early");
        length -= step;
    }
    if (next(in) != '\r' || next(in) != '\n')
        rejectReply("a text of the reply is longer than its stated length");
    return bytes;
}

Reply read(std::istream& in, int depth) {
    const char marker = next(in);
    std::string line = lineOf(in);
    switch (marker) {
        case '+':
            return {.kind = Reply::Kind::text, .text = std::move(line)};
        case '-':
            return {.kind = Reply::Kind::error, .text = std::move(line)};
        case ':':
            return {.kind = Reply::Kind::integer, .integer = integerOf(line)};
        case '$': {
            const std::int64_t length = sizeOf(line, kMostBytes);
            if (length < 0) return {};
            return {.kind = Reply::Kind::text, .text = bytesOf(in, length)};
        }
        case '*': {
            if (depth == kMostDepth) rejectReply("the arrays of the reply are nested too deeply");
            const std::int64_t count = sizeOf(line, kMostItems);
            if (count <= 0) return {};
            Reply reply{.kind = Reply::Kind::array};
            for (std::int64_t i = 0; i < count; ++i) reply.items.push_back(read(in, depth + 1));
            return reply;
        }
        default:
            rejectReply(std::string("a reply cannot begin with '") + marker + "'");
    }
}

}  // namespace

Reply readReply(std::istream& in) { return read(in, 0); }

}  // namespace sheafline::redis
