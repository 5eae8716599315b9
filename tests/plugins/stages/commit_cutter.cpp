#include "commit_cutter.h"

#include <array>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

#include "loopback.h"

namespace sheafline::test {

namespace {

constexpr int kMomentMs = 50;

bool readable(int fd) {
    pollfd one{.fd = fd, .events = POLLIN, .revents = 0};
    return ::poll(&one, 1, kMomentMs) > 0;
}

// Passes on the available bytes; returns their number, 0 at the end.
ssize_t handOn(int from, int to, std::string& bytes) {
    std::array<char, 65536> block{};
    const ssize_t count = ::recv(from, block.data(), block.size(), 0);
    bytes.assign(block.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
    return sendAll(to, bytes) ? count : 0;
}

}  // namespace

CommitCutter::CommitCutter(int server_port)
    : server_port_(server_port), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    port_ = bindAnyPort(listener_);
    if (::listen(listener_, 8) != 0) throw std::runtime_error("the proxy cannot listen");
    thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
}

CommitCutter::~CommitCutter() {
    thread_.request_stop();
    thread_.join();
    ::close(listener_);
}

void CommitCutter::serve(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        if (!readable(listener_)) continue;
        const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connectTo(server, server_port_)) carry(client, server, stop);
        ::close(server);
        ::close(client);
    }
}

void CommitCutter::carry(int client, int server, const std::stop_token& stop) {
    int commits = 0;
    std::string bytes;
    while (!stop.stop_requested()) {
        std::array<pollfd, 2> both{{{client, POLLIN, 0}, {server, POLLIN, 0}}};
        ::poll(both.data(), both.size(), kMomentMs);
        if (both[0].revents != 0) {
            if (handOn(client, server, bytes) <= 0) return;
            if (bytes.find("COMMIT") != std::string::npos && ++commits == cut_at_) {
                while (!readable(server) && !stop.stop_requested()) {
                }
                ++cuts_;
                return;
            }
        }
        if (both[1].revents != 0 && handOn(server, client, bytes) <= 0) return;
    }
}

}  // namespace sheafline::test
