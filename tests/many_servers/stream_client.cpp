#include "stream_client.h"

#include <chrono>
#include <istream>
#include <utility>

#include <Poco/Exception.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/URI.h>

namespace sheafline::test {

namespace {

constexpr int kSilenceSeconds = 20;  // longer than the time between two heartbeats
constexpr std::chrono::milliseconds kPause{300};

}  // namespace

StreamClient::StreamClient(std::string url, std::string path, Headers headers)
    : url_(std::move(url)),
      path_(std::move(path)),
      headers_(std::move(headers)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

std::string StreamClient::waitForEnd() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ended_; });
    return fault_;
}

std::uint64_t StreamClient::lastSeq() const {
    const std::lock_guard lock(mutex_);
    return last_seq_;
}

void StreamClient::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        bool ended = false;
        try {
            ended = follow(stop);
        } catch (const Poco::Exception&) {
            // The server or the proxy has cut the connection, or was silent.
        }
        std::unique_lock lock(mutex_);
        ended_ = ended_ || ended;
        changed_.notify_all();
        if (ended_) return;
        changed_.wait_for(lock, stop, kPause, [] { return false; });
    }
}

bool StreamClient::follow(const std::stop_token& stop) {
    const Poco::URI uri(url_);
    Poco::Net::HTTPClientSession session(uri.getHost(), uri.getPort());
    session.setTimeout(Poco::Timespan(kSilenceSeconds, 0));
    Poco::Net::HTTPRequest request("GET", path_, "HTTP/1.1");
    for (const auto& [name, text] : headers_) request.set(name, text);
    if (lastSeq() > 0) request.set("Last-Event-ID", std::to_string(lastSeq()));
    session.sendRequest(request);
    Poco::Net::HTTPResponse response;
    std::istream& in = session.receiveResponse(response);
    if (response.getStatus() == Poco::Net::HTTPResponse::HTTP_NO_CONTENT) return true;
    if (response.getStatus() != Poco::Net::HTTPResponse::HTTP_OK) return false;
    Frame frame;
    for (std::string line; !stop.stop_requested() && std::getline(in, line);) {
        if (line.ends_with('\r')) line.pop_back();
        if (line.starts_with("id: ")) frame.id = line.substr(4);
        if (line.starts_with("event: ")) frame.name = line.substr(7);
        if (!line.empty()) continue;
        if (take(std::exchange(frame, {}))) return true;
    }
    return false;
}

bool StreamClient::take(const Frame& frame) {
    if (frame.id.empty()) return false;
    const std::lock_guard lock(mutex_);
    const std::uint64_t seq = std::stoull(frame.id);
    if (seq != last_seq_ + 1 && fault_.empty())
        fault_ = path_ + ": seq " + frame.id + " came after " + std::to_string(last_seq_);
    last_seq_ = seq;
    return frame.name == "complete" || frame.name == "error";
}

}  // namespace sheafline::test
