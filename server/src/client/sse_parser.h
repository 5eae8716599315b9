// Server-Sent Events out of the bytes of a stream, in whatever pieces they come. One thread.
//
//     stream  = *( block / comment )
//     block   = 1*field EOL              the empty line ends the event
//     field   = ( "event" / "id" / "data" / "retry" ) [ ":" [ " " ] value ] EOL
//     comment = ":" text EOL             a heartbeat
//     EOL     = LF / CRLF / CR           (a bare CR is not sent by anyone we talk to)
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
    std::string name{};  // "message" where the stream names none; empty: a heartbeat
    std::string id{};    // of this message alone, not the last one seen
    std::string data{};  // lines joined by line feeds
};

class SseParser {
 public:
    // The messages that these bytes complete. Throws Error (STREAM_TOO_LONG) for a line without
    // end, so that no server can fill the memory.
    std::vector<SseMessage> take(std::string_view bytes);

    // What the server wants waited before a client comes back.
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
