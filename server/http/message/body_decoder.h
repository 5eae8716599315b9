// Decodes the body in a connection's bytes: the number of bytes in Content-Length, or chunks (RFC
// 9112, 7.1), read strictly:
//
//     chunk     = 1*15HEXDIG [ ";" extension ] CRLF data CRLF
//     last      = 1*"0" [ ";" extension ] CRLF *( token ":" value CRLF ) CRLF     trailers are
//     dropped
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/message/request_head.h"

namespace sheafline::http {

class BodyDecoder {
 public:
    BodyDecoder() = default;  // no body
    BodyDecoder(const RequestHead& head, std::uint64_t limit_bytes);

    // Appends at most `room` body bytes to `out` and returns how many bytes of `in` it used up.
    // Throws HttpError: 400 for a bad chunk, 413 above the limit.
    std::size_t decode(std::string_view in, std::string& out, std::size_t room);
    bool done() const { return state_ == State::done; }

 private:
    enum class State { size, extension, size_lf, data, data_cr, data_lf, trailer, done };
    void frame(char c);
    void sizeDigit(char c);
    void endTrailerLine();

    bool chunked_ = false;
    State state_ = State::done;
    std::uint64_t left_ = 0;   // remaining bytes of the chunk, or of the whole body
    std::uint64_t limit_ = 0;  // bytes that may still arrive in chunks
    std::size_t digits_ = 0;
    std::size_t overhead_ = 0;  // bytes of this extension or of all trailers
    std::string line_{};        // of a trailer
};

}  // namespace sheafline::http
