// The socket for Poco's HTTPServerSession: reads come from the checked head and then the exchange's
// body, writes go to the exchange. The connection keeps the descriptor; this class never closes it.
#pragma once

#include <string>

#include <Poco/Net/StreamSocketImpl.h>

#include "http/message/exchange.h"

namespace sheafline::http {

class FrontSocket : public Poco::Net::StreamSocketImpl {
 public:
    FrontSocket(Exchange& exchange, int fd, std::string head, const Poco::Net::SocketAddress& local,
                const Poco::Net::SocketAddress& peer);

    int receiveBytes(void* buffer, int length, int flags) override;
    int sendBytes(const void* buffer, int length, int flags) override;
    bool poll(const Poco::Timespan& timeout, int mode) override;
    void close() override;
    void shutdownReceive() override {}
    void shutdownSend() override {}
    void shutdown() override {}
    void setSendTimeout(const Poco::Timespan&) override {}
    void setReceiveTimeout(const Poco::Timespan&) override {}
    Poco::Net::SocketAddress address() override { return local_; }
    Poco::Net::SocketAddress peerAddress() override { return peer_; }

    using StreamSocketImpl::receiveBytes;
    using StreamSocketImpl::sendBytes;

 protected:
    ~FrontSocket() override;

 private:
    Exchange& exchange_;
    const std::string head_;
    std::size_t head_read_ = 0;
    const Poco::Net::SocketAddress local_;
    const Poco::Net::SocketAddress peer_;
};

}  // namespace sheafline::http
