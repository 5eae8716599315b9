// One client's connection: the loop owns it, except while it is busy: then one handler thread does.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>

#include <Poco/Net/SocketAddress.h>

#include <sheafline/file_descriptor.h>

#include "http/front/front_config.h"
#include "http/message/body_decoder.h"
#include "http/message/request_head.h"
#include "http/message/router.h"

namespace sheafline::http {

using Clock = std::chrono::steady_clock;

enum class ConnectionState {
    idle,    // between requests
    head,    // part of a head is there
    body,    // the body is read whole
    upload,  // the first bytes of a streamed body are read
    busy,    // a handler has it
    flush,   // the rest of an answer goes out
    linger,  // the answer is out: what still comes is dropped, so that no RST destroys it
};
inline constexpr std::size_t kConnectionStates = 7;
inline constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

struct Connection {
    Connection(FileDescriptor socket, const Poco::Net::SocketAddress& address,
               const FrontConfig& config)
        : fd(std::move(socket)),
          peer(address),
          peer_host(address.host().toString()),
          scanner(config.head_bytes, config.max_fields) {}

    FileDescriptor fd;
    const Poco::Net::SocketAddress peer;
    const std::string peer_host;

    // the loop's
    ConnectionState state = ConnectionState::idle;
    Clock::time_point since = Clock::now();   // when this state, or this window of it, began
    std::list<Connection>::iterator place{};  // in the list of its state
    std::uint64_t window_bytes = 0;           // moved in this window
    std::size_t lingered = 0;                 // bytes dropped
    std::size_t counted = 0;                  // its part of the front's buffered bytes

    // guarded by the loop's mutex
    bool returned = false;  // by its handler's thread, and not yet taken back
    bool missed = false;    // its socket may hold what no event will tell of

    // one request's
    HeadScanner scanner;
    RequestHead head{};
    RoutePlan plan{};
    Origin origin{};
    BodyDecoder decoder{};
    std::string body{};  // decoded; the handler has read it up to `body_read`
    std::size_t body_read = 0;
    std::optional<Problem>
        broken{};  // how an upload's body ended early: told once it is read so far
    std::string request_id{};
    Clock::time_point started{};
    int status = 0;                                 // of the answer
    std::optional<std::uint64_t> promised_bytes{};  // of the answer's body

    std::string in{};   // received, not yet used
    std::string out{};  // to be sent, from `sent` on
    std::size_t sent = 0;
    bool close_after = false;
    bool continue_owed = false;  // the client sends its body when it is told to go on
    bool detached = false;
};

}  // namespace sheafline::http
