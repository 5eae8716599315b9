#include "http/front/front_socket.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace sheafline::http {

FrontSocket::FrontSocket(Exchange& exchange, int fd, std::string head,
                         const Poco::Net::SocketAddress& local,
                         const Poco::Net::SocketAddress& peer)
    : StreamSocketImpl(fd),
      exchange_(exchange),
      head_(std::move(head)),
      local_(local),
      peer_(peer) {}

// Poco's destructor would close the connection's descriptor.
FrontSocket::~FrontSocket() { reset(); }
void FrontSocket::close() { reset(); }

// Returns only the head, because Poco reads ahead and body bytes in its buffer would be lost.
int FrontSocket::receiveBytes(void* buffer, int length, int) {
    if (head_read_ == head_.size()) return exchange_.readBody(static_cast<char*>(buffer), length);
    const std::size_t n = std::min(head_.size() - head_read_, static_cast<std::size_t>(length));
    std::memcpy(buffer, head_.data() + head_read_, n);
    head_read_ += n;
    return static_cast<int>(n);
}

int FrontSocket::sendBytes(const void* buffer, int length, int) {
    exchange_.put(static_cast<const char*>(buffer), length);
    return length;
}

bool FrontSocket::poll(const Poco::Timespan&, int) { return true; }

}  // namespace sheafline::http
