// Parses Server-Sent Events from the bytes of a stream, in pieces of any size. One thread.
//
//     stream  = *( block / comment )
//     block   = 1*field EOL              the empty line ends the event
//     field   = ( "event" / "id" / "data" / "retry" ) [ ":" [ " " ] value ] EOL
//     comment = ":" text EOL             a heartbeat
//     EOL     = LF / CRLF / CR           (no server that we talk to sends a bare CR)
//
// https://html.spec.whatwg.org/multipage/server-sent-events.html
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sheafline {

struct SseMessage {
    std::string name{};  // "message" if the stream names none; empty: a heartbeat
    std::string id{};    // of this message alone, not the last one seen
    std::string data{};  // lines joined by line feeds
};

class SseParser {
 public:
    // The messages that these bytes complete. Throws Error (STREAM_TOO_LONG) for a line above 4
    // MiB, so that no server can fill the memory.
    std::vector<SseMessage> take(std::string_view bytes);

    // How long a client should wait before it reconnects.
    const std::optional<std::chrono::milliseconds>& retry() const { return retry_; }

 private:
    void takeLine(std::string_view line, std::vector<SseMessage>& messages);
    void takeField(std::string_view name, std::string_view value);

    std::string line_;  // not ended yet
    SseMessage message_;
    bool has_data_ = false;
    std::optional<std::chrono::milliseconds> retry_;
};

}  // namespace sheafline
