// The head of a request, checked as strictly as RFC 9112 allows: anything that two parsers could
// read as two different requests is rejected with 400.
//
//     request-line = token SP target SP "HTTP/1." ( "0" / "1" ) CRLF
//     target       = "/" … | "http://" host "/" … | "*" (OPTIONS alone)
//     field        = token ":" OWS value OWS CRLF        no folding, no space before the colon
//
// These may appear only once: Host, Content-Length, Transfer-Encoding, Authorization and similar
// ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message/problem.h"

namespace sheafline::http {

struct RequestHead {
    std::string method{};
    std::string target{};                 // origin form, as sent: "/api/batches?limit=5"
    std::string path{};                   // as sent, without the query
    std::string query{};                  // as sent, without the "?"
    std::vector<std::string> segments{};  // segments of the path, decoded: valid UTF-8, no "." or
                                          // "..", no slash; "/" has one empty segment
    int minor = 1;                        // of HTTP/1.x
    Fields fields{};
    std::optional<std::uint64_t> content_length{};
    bool chunked = false;
    bool keep_alive = true;
    bool expects_continue = false;

    bool hasBody() const { return chunked || content_length.value_or(0) > 0; }
    const std::string* find(std::string_view name) const;  // null if it is absent
};

bool sameName(std::string_view a, std::string_view b);  // ignores the case of ASCII letters
bool isToken(std::string_view text);
// An id that a client or proxy may give to its request: 1 to 64 letters, digits, '.', '_' and '-',
// safe in logs and headers.
bool isRequestId(std::string_view text);

// Throws HttpError. `block` is the head up to the empty line, as HeadScanner found it.
RequestHead parseHead(std::string_view block);
void checkRequestLine(std::string_view line);

// Finds the end of a head in bytes that arrive piece by piece, each byte seen once. Throws
// HttpError as soon as a byte is wrong, so that a TLS hello or HTTP/0.9 does not wait for a
// timeout.
class HeadScanner {
 public:
    HeadScanner(std::size_t max_bytes, std::size_t max_fields)
        : max_bytes_(max_bytes), max_fields_(max_fields) {}

    // `bytes` is all of the head that is there; returns its length with the empty line once it is
    // complete.
    std::optional<std::size_t> scan(std::string_view bytes);

 private:
    bool endLine(std::string_view bytes);

    std::size_t max_bytes_;
    std::size_t max_fields_;
    std::size_t at_ = 0;
    std::size_t line_start_ = 0;
    std::size_t lines_ = 0;
};

}  // namespace sheafline::http
