#include "fake_server.h"

#include <array>
#include <utility>

#include <Poco/Exception.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Timespan.h>

namespace sheafline::test {

using Poco::Net::Socket;

FakeServer::FakeServer(std::string answer)
    : answer_(std::move(answer)),
      socket_(Poco::Net::SocketAddress("127.0.0.1", 0)),
      thread_([this](const std::stop_token& stop) { serve(stop); }) {}

FakeServer::~FakeServer() {
    thread_.request_stop();
    thread_.join();
}

std::string FakeServer::url() const {
    return "http://127.0.0.1:" + std::to_string(socket_.address().port());
}

std::vector<std::string> FakeServer::heads() const {
    const std::lock_guard lock(mutex_);
    return heads_;
}

void FakeServer::serve(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        if (!socket_.poll(Poco::Timespan(0, 20'000), Socket::SELECT_READ)) continue;
        Poco::Net::StreamSocket client = socket_.acceptConnection();
        std::string head;
        std::array<char, 1> byte{};  // not a byte of the body
        while (!head.ends_with("\r\n\r\n") && client.receiveBytes(byte.data(), 1) == 1)
            head += byte[0];
        {
            const std::lock_guard lock(mutex_);
            heads_.push_back(head);
        }
        try {
            client.sendBytes(answer_.data(), static_cast<int>(answer_.size()));
            client.shutdownSend();
            // Closes after the other side has received the answer; the body stays unread.
            client.poll(Poco::Timespan(0, 200'000), Socket::SELECT_ERROR);
        } catch (const Poco::Exception&) {  // NOLINT(bugprone-empty-catch): it has left
        }
    }
}

}  // namespace sheafline::test
