// A client that sends exactly the given bytes, and reads until the end, a count, or a pause.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <sheafline/file_descriptor.h>

namespace sheafline::http::test {

class RawClient {
 public:
    explicit RawClient(std::uint16_t port, int receive_buffer_bytes = 0);

    bool send(std::string_view bytes);  // false if the server has closed
    void endSending();                  // half close
    // Reads until the server closes, or nothing comes for `quiet_ms`.
    std::string readAll(int quiet_ms = 60'000);
    // Reads until `text` occurs in the bytes since the last call.
    std::string readUntil(std::string_view text, int quiet_ms = 60'000);
    // One whole answer with Content-Length.
    std::string readReply(int quiet_ms = 60'000);
    bool closedByServer(int wait_ms);  // drops the bytes before it
    int fd() const { return fd_.get(); }

 private:
    bool more(int quiet_ms);

    FileDescriptor fd_;
    std::string pending_{};
};

// "HTTP/1.1 404 Not Found\r\n…" → 404; 0 where there is no answer.
int statusOf(std::string_view reply);
std::string bodyOf(std::string_view reply);
// The statuses of several answers, such as "200 200 404".
std::string statusesOf(std::string_view replies);

}  // namespace sheafline::http::test
