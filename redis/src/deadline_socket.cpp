#include "deadline_socket.h"

#include <array>
#include <cerrno>
#include <poll.h>
#include <string_view>
#include <sys/socket.h>

#include <Poco/Exception.h>
#include <Poco/Net/NetException.h>

namespace sheafline::redis {

namespace {

[[noreturn]] void throwClosed() {
    throw Poco::Net::ConnectionResetException("it closed the connection");
}

}  // namespace

void DeadlineSocket::startTls(const std::string& host, const TlsFiles& files) {
    tls_ = std::make_unique<TlsSession>(host, files);
    while (!tls_->handshake()) {
        sendOutgoing();
        receiveForTls();
    }
    sendOutgoing();
}

int DeadlineSocket::receiveBytes(void* buffer, int length, int /*flags*/) {
    if (!tls_) return static_cast<int>(receiveRaw(buffer, static_cast<std::size_t>(length)));
    while (true) {
        const auto count = tls_->read(buffer, static_cast<std::size_t>(length));
        sendOutgoing();
        if (!count) {
            receiveForTls();
            continue;
        }
        if (*count == 0) throwClosed();
        return static_cast<int>(*count);
    }
}

int DeadlineSocket::sendBytes(const void* buffer, int length, int /*flags*/) {
    if (!tls_) return static_cast<int>(sendRaw(buffer, static_cast<std::size_t>(length)));
    tls_->write(buffer, static_cast<std::size_t>(length));
    sendOutgoing();
    return length;
}

void DeadlineSocket::sendOutgoing() {
    const std::string bytes = tls_->takeOutgoing();
    for (std::string_view rest = bytes; !rest.empty();)
        rest.remove_prefix(sendRaw(rest.data(), rest.size()));
}

void DeadlineSocket::receiveForTls() {
    std::array<char, 16'384> piece;  // NOLINT(cppcoreguidelines-pro-type-member-init): overwritten
    tls_->receive({piece.data(), receiveRaw(piece.data(), piece.size())});
}

std::size_t DeadlineSocket::receiveRaw(void* buffer, std::size_t length) {
    while (true) {
        const ssize_t count = ::recv(sockfd(), buffer, length, MSG_DONTWAIT);
        if (count > 0) return static_cast<std::size_t>(count);
        if (count == 0) throwClosed();
        waitOrThrow(POLLIN);
    }
}

std::size_t DeadlineSocket::sendRaw(const void* buffer, std::size_t length) {
    while (true) {
        const ssize_t count = ::send(sockfd(), buffer, length, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count > 0) return static_cast<std::size_t>(count);
        waitOrThrow(POLLOUT);
    }
}

// After a call that failed with errno.
void DeadlineSocket::waitOrThrow(short event) {
    if (errno == EINTR) return;
    if (errno != EAGAIN && errno != EWOULDBLOCK) error(errno);
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline_ - std::chrono::steady_clock::now())
            .count();
    pollfd one{.fd = sockfd(), .events = event, .revents = 0};
    if (left <= 0 || ::poll(&one, 1, static_cast<int>(left)) == 0)
        throw Poco::TimeoutException("no answer");
}

}  // namespace sheafline::redis
