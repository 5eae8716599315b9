// The client side of one TLS connection, without its socket: encrypted bytes go in and out as
// texts. The peer's certificate must be signed by a known authority and name the host. One thread.
//
//     TlsSession tls("cache.example", files);
//     while (!tls.handshake()) { send(tls.takeOutgoing()); tls.receive(bytesFromPeer()); }
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <sheafline/redis/tls_files.h>

namespace sheafline::redis {

// The certificate, the name or the protocol does not fit; trying again does not help.
class TlsError : public std::runtime_error {
    using runtime_error::runtime_error;
};

class TlsSession {
 public:
    // Throws TlsError if a file cannot be used.
    TlsSession(const std::string& host, const TlsFiles& files);
    ~TlsSession();
    TlsSession(const TlsSession&) = delete;
    TlsSession& operator=(const TlsSession&) = delete;

    // Each may leave bytes for takeOutgoing(), and throws TlsError.
    bool handshake();  // false: needs bytes from the peer
    // Nothing: needs bytes from the peer. 0: the peer ended the session.
    std::optional<std::size_t> read(void* buffer, std::size_t size);
    void write(const void* bytes, std::size_t size);
    bool readable();  // whether read() gives bytes now

    void receive(std::string_view encrypted);
    std::string takeOutgoing();

 private:
    struct Parts;

    bool needsBytes(int result);

    const std::string host_;
    const std::unique_ptr<Parts> parts_;
};

}  // namespace sheafline::redis
