#include "http/message/body_decoder.h"

#include <algorithm>

namespace sheafline::http {

namespace {

constexpr std::size_t kMaxDigits = 15;
constexpr std::size_t kMaxExtension = 256;
constexpr std::size_t kMaxTrailers = 8UL * 1024;

[[noreturn]] void badBody(const std::string& detail) {
    throw HttpError(400, "BAD_CHUNK",
                    detail + "; send the body again, with Content-Length or correct chunks");
}

}  // namespace

BodyDecoder::BodyDecoder(const RequestHead& head, std::uint64_t limit_bytes)
    : chunked_(head.chunked),
      state_(head.chunked     ? State::size
             : head.hasBody() ? State::data
                              : State::done),
      left_(head.content_length.value_or(0)),
      limit_(limit_bytes) {
    if (left_ > limit_)
        throw HttpError(413, "BODY_TOO_LARGE", "the body is too large; send a smaller one");
}

std::size_t BodyDecoder::decode(std::string_view in, std::string& out, std::size_t room) {
    std::size_t used = 0;
    while (used < in.size() && !done()) {
        if (state_ != State::data) {
            frame(in[used++]);
            continue;
        }
        const auto n = std::min<std::uint64_t>({in.size() - used, left_, room});
        if (n == 0) break;
        out.append(in.substr(used, n));
        used += n;
        room -= n;
        left_ -= n;
        if (left_ == 0) state_ = chunked_ ? State::data_cr : State::done;
    }
    return used;
}

void BodyDecoder::frame(char c) {
    switch (state_) {
        case State::size:
            return sizeDigit(c);
        case State::extension:
            if (c == '\r')
                state_ = State::size_lf;
            else if (++overhead_ > kMaxExtension ||
                     (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f)
                badBody("a chunk extension is malformed");
            return;
        case State::size_lf:
            if (c != '\n') badBody("a chunk size must end with CR and LF");
            state_ = left_ > 0 ? State::data : State::trailer;
            overhead_ = digits_ = 0;
            return;
        case State::data_cr:
            if (c != '\r') badBody("a chunk is longer than its size");
            state_ = State::data_lf;
            return;
        case State::data_lf:
            if (c != '\n') badBody("a chunk must end with CR and LF");
            state_ = State::size;
            return;
        case State::trailer:
            if (++overhead_ > kMaxTrailers)
                throw HttpError(431, "HEAD_TOO_LARGE",
                                "the trailers are too large; send fewer or shorter ones");
            line_ += c;
            if (c == '\n') endTrailerLine();
            return;
        case State::data:
        case State::done:
            return;
    }
}

void BodyDecoder::sizeDigit(char c) {
    if (digits_ > 0 && c == '\r') {
        state_ = State::size_lf;
    } else if (digits_ > 0 && c == ';') {
        state_ = State::extension;
    } else {
        const std::size_t value =
            std::string_view("0123456789abcdef")
                .find(c >= 'A' && c <= 'F' ? static_cast<char>(c + ('a' - 'A')) : c);
        if (value == std::string_view::npos || ++digits_ > kMaxDigits)
            badBody("a chunk size is malformed");
        left_ = left_ * 16 + value;
        return;
    }
    if (left_ > limit_)
        throw HttpError(413, "BODY_TOO_LARGE", "the body is too large; send a smaller one");
    limit_ -= left_;
}

void BodyDecoder::endTrailerLine() {
    if (!line_.ends_with("\r\n") || line_.find('\r') != line_.size() - 2 ||
        line_.find('\0') != std::string::npos)
        badBody("a trailer must end with CR and LF");
    if (line_.size() == 2) {
        state_ = State::done;
    } else if (!isToken(std::string_view(line_).substr(0, line_.find(':'))) ||
               line_.find(':') == std::string::npos) {
        badBody("a trailer is malformed");
    }
    line_.clear();
}

}  // namespace sheafline::http
