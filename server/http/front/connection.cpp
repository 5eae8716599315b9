#include "http/front/connection.h"

#include "http/front/served_request.h"

namespace sheafline::http {

Connection::Connection(FileDescriptor socket, const Poco::Net::SocketAddress& address,
                       const FrontConfig& config)
    : fd(std::move(socket)),
      peer(address),
      peer_host(address.host().toString()),
      scanner(config.head_bytes, config.max_fields) {}

Connection::~Connection() = default;

}  // namespace sheafline::http
