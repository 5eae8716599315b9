#include "cutting_proxy.h"

#include <array>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

#include "loopback.h"

namespace sheafline::test {

namespace {

constexpr int kLookAroundMs = 20;

void reset(int fd) {
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    ::close(fd);
}

}  // namespace

CuttingProxy::CuttingProxy(int server_port, std::function<std::size_t(int)> cut_after)
    : server_port_(server_port), cut_after_(std::move(cut_after)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    port_ = bindAnyPort(listener_);
    if (::listen(listener_, 64) != 0) throw std::runtime_error("the proxy cannot listen");
    acceptor_ = std::thread([this] { accept(); });
}

CuttingProxy::~CuttingProxy() {
    ended_ = true;
    acceptor_.join();
    for (std::thread& connection : connections_) connection.join();
    ::close(listener_);
}

void CuttingProxy::accept() {
    while (!ended_) {
        pollfd ready{.fd = listener_, .events = POLLIN, .revents = 0};
        if (::poll(&ready, 1, kLookAroundMs) != 1) continue;
        const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        const std::size_t cut_after = cut_after_(static_cast<int>(connections_.size()) + 1);
        if (client >= 0)
            connections_.emplace_back([this, client, cut_after] { serve(client, cut_after); });
    }
}

void CuttingProxy::serve(int client, std::size_t cut_after) {
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool connected = connectTo(server, server_port_);
    std::size_t passed = 0;
    std::array<char, 16384> piece{};
    while (connected && !ended_) {
        std::array<pollfd, 2> ready{pollfd{.fd = client, .events = POLLIN, .revents = 0},
                                    pollfd{.fd = server, .events = POLLIN, .revents = 0}};
        if (::poll(ready.data(), ready.size(), kLookAroundMs) <= 0) continue;
        const bool up = ready[0].revents != 0;
        const ssize_t size = ::recv(up ? client : server, piece.data(), piece.size(), 0);
        if (size <= 0) break;
        auto most = static_cast<std::size_t>(size);
        const bool cut = up && cut_after > 0 && passed + most >= cut_after;
        if (cut) most = cut_after - passed;
        if (up) passed += most;
        if (!sendAll(up ? server : client, {piece.data(), most})) break;
        if (!cut) continue;
        ++cuts_;
        reset(server);
        reset(client);
        return;
    }
    ::close(server);
    ::close(client);
}

}  // namespace sheafline::test
