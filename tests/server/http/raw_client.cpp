#include "raw_client.h"

#include <array>
#include <charconv>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>

#include "loopback.h"

namespace sheafline::http::test {

RawClient::RawClient(std::uint16_t port, int receive_buffer_bytes)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer_bytes > 0)
        ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes,
                     sizeof receive_buffer_bytes);
    if (!sheafline::test::connectTo(fd_.get(), port)) throw std::runtime_error("cannot connect");
}

bool RawClient::send(std::string_view bytes) { return sheafline::test::sendAll(fd_.get(), bytes); }

void RawClient::endSending() { ::shutdown(fd_.get(), SHUT_WR); }

bool RawClient::more(int quiet_ms) {
    pollfd waiting{.fd = fd_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, quiet_ms) <= 0) return false;
    std::array<char, 65536> piece;
    const ssize_t n = ::recv(fd_.get(), piece.data(), piece.size(), 0);
    if (n <= 0) return false;
    pending_.append(piece.data(), static_cast<std::size_t>(n));
    return true;
}

std::string RawClient::readAll(int quiet_ms) {
    while (more(quiet_ms)) {
    }
    return std::exchange(pending_, {});
}

std::string RawClient::readUntil(std::string_view text, int quiet_ms) {
    std::size_t at = pending_.find(text);
    while (at == std::string::npos && more(quiet_ms)) at = pending_.find(text);
    const std::size_t end = at == std::string::npos ? pending_.size() : at + text.size();
    std::string read = pending_.substr(0, end);
    pending_.erase(0, end);
    return read;
}

std::string RawClient::readReply(int quiet_ms) {
    std::string reply = readUntil("\r\n\r\n", quiet_ms);
    const std::size_t at = reply.find("Content-Length: ");
    if (at == std::string::npos) return reply;
    std::size_t length = 0;
    std::from_chars(reply.data() + at + 16, reply.data() + reply.size(), length);
    while (pending_.size() < length && more(quiet_ms)) {
    }
    reply += pending_.substr(0, length);
    pending_.erase(0, length);
    return reply;
}

bool RawClient::closedByServer(int wait_ms) {
    while (more(wait_ms)) pending_.clear();
    pollfd waiting{.fd = fd_.get(), .events = POLLIN, .revents = 0};
    return ::poll(&waiting, 1, 0) > 0;
}

int statusOf(std::string_view reply) {
    int status = 0;
    if (reply.size() > 12 && reply.starts_with("HTTP/1."))
        std::from_chars(reply.data() + 9, reply.data() + 12, status);
    return status;
}

std::string bodyOf(std::string_view reply) {
    const std::size_t end = reply.find("\r\n\r\n");
    return end == std::string_view::npos ? std::string() : std::string(reply.substr(end + 4));
}

std::string statusesOf(std::string_view replies) {
    std::string statuses;
    for (std::size_t at = replies.find("HTTP/1."); at != std::string_view::npos;
         at = replies.find("HTTP/1.", at + 1)) {
        if (statusOf(replies.substr(at, 14)) == 0) continue;  // the version named in a text
        if (!statuses.empty()) statuses += ' ';
        statuses += replies.substr(at + 9, 3);
    }
    return statuses;
}

}  // namespace sheafline::http::test
