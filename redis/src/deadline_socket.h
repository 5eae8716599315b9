// A TCP socket with one deadline for sending and receiving, optionally with TLS. The end of the
// connection is an error, because Poco's streams take it for the end of a line. One thread.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <Poco/Net/StreamSocketImpl.h>

#include <sheafline/redis/tls_files.h>

#include "tls_session.h"

namespace sheafline::redis {

class DeadlineSocket : public Poco::Net::StreamSocketImpl {
 public:
    using StreamSocketImpl::receiveBytes;
    using StreamSocketImpl::sendBytes;

    void setDeadline(std::chrono::steady_clock::time_point deadline) { deadline_ = deadline; }
    // After connect(). Throws TlsError.
    void startTls(const std::string& host, const TlsFiles& files);
    // Whether bytes have arrived that poll() no longer reports.
    bool buffered() const { return tls_ && tls_->readable(); }

    // These throw Poco::Net::NetException, Poco::TimeoutException and TlsError.
    int receiveBytes(void* buffer, int length, int flags = 0) override;
    int sendBytes(const void* buffer, int length, int flags = 0) override;

 private:
    std::size_t receiveRaw(void* buffer, std::size_t length);
    std::size_t sendRaw(const void* buffer, std::size_t length);
    void sendOutgoing();
    void receiveForTls();
    void waitOrThrow(short event);

    std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::now();
    std::unique_ptr<TlsSession> tls_;
};

}  // namespace sheafline::redis
