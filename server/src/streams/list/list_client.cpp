#include "streams/list/list_client.h"

#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <utility>

namespace sheafline {

namespace {

constexpr int kSendBufferBytes = 64 * 1024;  // a larger one hides a client that does not read
constexpr unsigned kDeadPeerMs = 30'000;
constexpr std::uint8_t kMostStalled = 2;
constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace

std::string listChunk(std::string_view event, bool chunked) {
    if (!chunked) return std::string(event);
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string size;
    for (std::size_t left = event.size(); left > 0; left /= 16)
        size.insert(size.begin(), kDigits[left % 16]);
    return size.append("\r\n").append(event).append("\r\n");
}

std::string listEvent(std::string_view name) {
    return std::string("event: ").append(name).append("\ndata: {}\n\n");
}

ListClient::ListClient(FileDescriptor socket, bool chunked, std::string principal,
                       ListViewer viewer)
    : socket_(std::move(socket)),
      chunked_(chunked),
      principal_(std::move(principal)),
      viewer_(std::move(viewer)) {
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDBUF, &kSendBufferBytes, sizeof kSendBufferBytes);
    ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, &kDeadPeerMs, sizeof kDeadPeerMs);
}

void ListClient::send(SharedBytes bytes) {
    if (gone()) return;
    if (blocked()) {
        missed_ = true;
        return;
    }
    bytes_ = std::move(bytes);
    sent_ = 0;
    flush();
}

void ListClient::beat(SharedBytes comment) {
    if (gone()) return;
    stalled_ =
        std::exchange(moved_, false) ? std::uint8_t{0} : static_cast<std::uint8_t>(stalled_ + 1);
    if (!blocked()) return send(std::move(comment));
    if (stalled_ >= kMostStalled) drop();
}

// A client with unsent bytes is cut instead; it connects again.
void ListClient::endWith(std::string_view event) {
    if (gone()) return;
    if (!blocked()) {
        std::string last = listChunk(event, chunked_);
        if (chunked_) last += kLastChunk;
        ::send(socket_.get(), last.data(), last.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    drop();
}

void ListClient::onEvents(short events) {
    if (gone()) return;
    if ((events & (POLLERR | POLLHUP | POLLNVAL)) != 0) return drop();
    if ((events & POLLIN) != 0) {
        std::array<char, 4096> ignored;
        if (::recv(socket_.get(), ignored.data(), ignored.size(), MSG_DONTWAIT) == 0) return drop();
    }
    if ((events & POLLOUT) != 0 && blocked()) flush();
}

void ListClient::flush() {
    while (bytes_) {
        const ssize_t n = ::send(socket_.get(), bytes_->data() + sent_, bytes_->size() - sent_,
                                 MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) return;
        if (n < 0) return drop();
        moved_ = true;
        sent_ += static_cast<std::size_t>(n);
        if (sent_ < bytes_->size()) continue;
        bytes_.reset();
        sent_ = 0;
        if (std::exchange(missed_, false))
            bytes_ = std::make_shared<const std::string>(listChunk(kReloadEvent, chunked_));
    }
}

}  // namespace sheafline
