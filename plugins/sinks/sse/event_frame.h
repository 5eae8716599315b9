// The bytes of an event stream (WHATWG HTML, 9.2.5):
//
//     event   = "event: " kind LF "id: " seq LF "data: " json LF LF
//     control = "event: " name LF "data: " json LF LF              without an id
//     retry   = "retry: " milliseconds LF LF
//     beat    = ":" LF LF
//
// With HTTP/1.1 they are sent in chunks, whose boundaries have no meaning.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <sheafline/streams/stream_hub.h>

namespace sheafline::sse {

// The kind of a live event, by its `stage`, which is its first field.
StreamEventKind kindOf(std::string_view json);

void appendEvent(std::string& bytes, std::uint64_t seq, StreamEventKind kind,
                 std::string_view json);
std::string controlEvent(std::string_view name, std::string_view json);
std::string retryLine(std::uint64_t ms);

inline constexpr std::string_view kBeat = ":\n\n";
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

std::string framed(std::string_view bytes, bool chunked);

}  // namespace sheafline::sse
