// One client's connection. The loop owns it, except while it is busy: then one handler thread owns
// it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
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
class ServedRequest;

enum class ConnectionState {
    idle,    // between requests
    head,    // part of a head has arrived
    body,    // a body that is read as a whole
    upload,  // a streamed body: waits for bytes
    gather,  // a streamed body: some bytes have arrived, but not a full piece
    busy,    // a handler's thread owns it
    flush,   // sends the rest of an answer
    linger,  // the answer is sent; drops the rest of the body, so that no RST destroys the answer
};
inline constexpr std::size_t kConnectionStates = 8;
inline constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

struct Connection {
    Connection(FileDescriptor socket, const Poco::Net::SocketAddress& address,
               const FrontConfig& config);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    FileDescriptor fd;
    const Poco::Net::SocketAddress peer;
    const std::string peer_host;

    // used by the loop
    ConnectionState state = ConnectionState::idle;
    Clock::time_point since = Clock::now();   // when this state, or this window of it, began
    std::list<Connection>::iterator place{};  // position in the list of its state
    std::uint64_t window_bytes = 0;           // bytes moved in this window
    Clock::duration waited{};          // time spent waiting for a streamed body, in this window
    Clock::time_point linger_until{};  // latest end of lingering
    std::size_t counted = 0;           // its share of the front's buffered bytes

    // guarded by the loop's mutex
    bool returned = false;  // its handler's thread has returned it, and the loop has not taken it
                            // back yet
    bool missed = false;    // its socket may hold bytes that no further event reports

    // of one request
    HeadScanner scanner;
    RequestHead head{};
    RoutePlan plan{};
    Origin origin{};
    BodyDecoder decoder{};
    std::string body{};  // decoded; the handler has read up to `body_read`
    std::size_t body_read = 0;
    std::optional<Problem> broken{};  // why a streamed body ended early
    // Set while its handler runs, or waits for the next piece of the body.
    std::unique_ptr<ServedRequest> served{};
    std::string request_id{};
    Clock::time_point started{};
    int status = 0;                                 // of the answer
    std::optional<std::uint64_t> promised_bytes{};  // of the answer's body

    std::string in{};   // received, not yet used
    std::string out{};  // to be sent, starting at `sent`
    std::size_t sent = 0;
    bool close_after = false;
    bool look_again = false;     // its handler stopped although bytes may be left: see `missed`
    bool continue_owed = false;  // the client waits for "100 Continue" before it sends its body
    bool detached = false;
};

}  // namespace sheafline::http
