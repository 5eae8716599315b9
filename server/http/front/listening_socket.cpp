#include "http/front/listening_socket.h"

#include <cerrno>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <sheafline/error.h>

namespace sheafline::http {

namespace {

// An unusable address is bad usage, like a wrong option; a temporary lack of descriptors or memory
// is not.
[[noreturn]] void throwCannotListen(int error_number, const std::string& address) {
    const std::string what = "cannot listen on " + address;
    switch (error_number) {
        case EADDRINUSE:
            throw ConfigError(what +
                              ": another program uses this port; stop it or choose another port "
                              "(port 0 selects a free one)");
        case EADDRNOTAVAIL:
            throw ConfigError(what + ": this machine does not have the address");
        case EACCES:
            throw ConfigError(what + ": ports below 1024 need a privilege; choose another port");
        case EAFNOSUPPORT:
            throw ConfigError(what + ": this machine does not support the kind of address");
        default:
            throwSystemError(error_number, what);
    }
}

}  // namespace

FileDescriptor listenOn(const FrontConfig& config) {
    const Poco::Net::SocketAddress address(Poco::Net::IPAddress(config.host), config.port);
    FileDescriptor fd(::socket(address.af(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int on = 1;
    // Accepted connections inherit both options.
    if (!fd || ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
        ::bind(fd.get(), address.addr(), address.length()) != 0 || ::listen(fd.get(), 4096) != 0)
        throwCannotListen(errno, address.toString());
    return fd;
}

Poco::Net::SocketAddress nameOf(const FileDescriptor& socket) {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    auto* address = reinterpret_cast<sockaddr*>(&storage);
    if (::getsockname(socket.get(), address, &length) != 0)
        throwSystemError(errno, "cannot read the address of a socket");
    return {address, length};
}

}  // namespace sheafline::http
