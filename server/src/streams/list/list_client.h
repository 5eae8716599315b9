// One client of the list of batches: its socket, and the bytes that it has not accepted yet. Used
// by the thread of ListStreams. A client that is gone has no socket.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <sheafline/file_descriptor.h>

#include "streams/list/list_news.h"

namespace sheafline {

using SharedBytes = std::shared_ptr<const std::string>;  // clients with the same rights share them

// The event as HTTP sends it: a chunk of HTTP/1.1, or as it is.
std::string listChunk(std::string_view event, bool chunked);
std::string listEvent(std::string_view name);  // without data

class ListClient {
 public:
    ListClient(FileDescriptor socket, bool chunked, std::string principal, ListViewer viewer);

    const std::string& principal() const { return principal_; }
    const ListViewer& viewer() const { return viewer_; }
    bool chunked() const { return chunked_; }
    int descriptor() const { return socket_.get(); }
    bool gone() const { return socket_.get() < 0; }
    bool blocked() const { return bytes_ != nullptr; }

    // Sends the bytes, or remembers that the client has missed some.
    void send(SharedBytes bytes);
    void beat(SharedBytes comment);  // also ends a client that has accepted nothing for long
    void endWith(std::string_view event);
    void onEvents(short events);  // of poll()

 private:
    void flush();
    void drop() { socket_.reset(); }

    FileDescriptor socket_;
    const bool chunked_;
    const std::string principal_;
    const ListViewer viewer_;
    SharedBytes bytes_{};  // being sent
    std::size_t sent_ = 0;
    bool missed_ = false;  // it gets a `reload` when it reads again
    bool moved_ = true;    // since the last heartbeat
    std::uint8_t stalled_ = 0;
};

}  // namespace sheafline
