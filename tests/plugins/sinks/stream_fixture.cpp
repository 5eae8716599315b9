#include "stream_fixture.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fcntl.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "event_frame.h"
#include "loopback.h"

namespace sheafline::sse::test {

namespace {

constexpr int kQuietMs = 20'000;

// Two ends of a TCP connection over loopback.
std::pair<int, int> tcpPair(int receive_buffer_bytes) {
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    const int port = sheafline::test::bindAnyPort(listener);
    if (::listen(listener, 1) != 0) throw std::runtime_error("cannot listen");
    const int client = ::socket(AF_INET, SOCK_STREAM, 0);
    if (receive_buffer_bytes > 0)
        ::setsockopt(client, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes,
                     sizeof receive_buffer_bytes);
    if (!sheafline::test::connectTo(client, port)) throw std::runtime_error("cannot connect");
    const int server = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
    ::close(listener);
    return {client, server};
}

}  // namespace

std::vector<StreamEvent> MemoryHistory::read(std::string_view batch_id, std::uint64_t after_seq,
                                             std::size_t max) {
    const std::lock_guard lock(mutex_);
    std::vector<StreamEvent> events;
    for (const StreamEvent& event : batches_[std::string(batch_id)].events) {
        if (event.seq > after_seq && events.size() < max) events.push_back(event);
    }
    return events;
}

CommittedEvent MemoryHistory::commit(const std::string& batch_id, const std::string& stage) {
    const std::lock_guard lock(mutex_);
    Batch& batch = batches_[batch_id];
    CommittedEvent event{.event_id = ++event_id_, .batch_id = batch_id, .seq = ++batch.newest};
    event.json =
        R"({"stage":")" + stage + R"(","message":"m","seq":)" + std::to_string(event.seq) + '}';
    batch.events.push_back({.seq = event.seq, .kind = kindOf(event.json), .json = event.json});
    return event;
}

void MemoryHistory::commitAndPublish(HubLoop& hub, const std::string& batch_id,
                                     const std::string& stage) {
    const CommittedEvent event = commit(batch_id, stage);
    hub.publish({&event, 1});
}

void MemoryHistory::newExecution(const std::string& batch_id) {
    const std::lock_guard lock(mutex_);
    for (StreamEvent& event : batches_[batch_id].events) event.kind = StreamEventKind::progress;
}

void MemoryHistory::forget(const std::string& batch_id, std::uint64_t up_to) {
    const std::lock_guard lock(mutex_);
    std::erase_if(batches_[batch_id].events,
                  [&](const StreamEvent& event) { return event.seq <= up_to; });
}

StreamReader::StreamReader(HubLoop& hub, EventSource& source, StreamClient client, int buffer_bytes)
    : chunked_(client.chunked), last_id_(client.after) {
    const auto [mine, theirs] = tcpPair(buffer_bytes);
    fd_ = mine;
    client.socket = theirs;
    hub.adopt(std::move(client), source);
}

StreamReader::~StreamReader() { close(); }

void StreamReader::close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

bool StreamReader::readMore() {
    pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
    if (ended_ || ::poll(&waiting, 1, kQuietMs) <= 0) return false;
    std::array<char, 65536> piece;
    const ssize_t n = ::recv(fd_, piece.data(), piece.size(), 0);
    if (n <= 0) {
        ended_ = true;
        ended_well_ = ended_well_ || (n == 0 && !chunked_);
        return false;
    }
    std::string& target = chunked_ ? raw_ : text_;
    target.append(piece.data(), static_cast<std::size_t>(n));
    while (takeChunk()) {
    }
    return true;
}

bool StreamReader::takeChunk() {
    const std::size_t line = raw_.find("\r\n");
    if (line == std::string::npos) return false;
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(raw_.data(), raw_.data() + line, size, 16);
    if (error != std::errc() || end != raw_.data() + line)
        throw std::runtime_error("a chunk is malformed: " + raw_.substr(0, 40));
    if (raw_.size() < line + 2 + size + 2) return false;
    ended_well_ = size == 0;
    text_ += raw_.substr(line + 2, size);
    raw_.erase(0, line + 2 + size + 2);
    return true;
}

// Removes one block from the text, and fills `event` if the block is one.
bool StreamReader::takeEvent(SeenEvent& event) {
    const std::size_t end = text_.find("\n\n");
    if (end == std::string::npos) return false;
    std::string_view block(text_.data(), end + 1);
    while (!block.empty()) {
        const std::string_view line = block.substr(0, block.find('\n'));
        block.remove_prefix(line.size() + 1);
        if (line == ":") ++beats_;
        if (line.starts_with("retry: ")) saw_retry_ = true;
        if (line.starts_with("event: ")) event.name = line.substr(7);
        if (line.starts_with("id: ")) event.id = line.substr(4);
        if (line.starts_with("data: ")) event.data = line.substr(6);
    }
    text_.erase(0, end + 2);
    if (!event.id.empty()) last_id_ = std::stoull(event.id);
    return true;
}

SeenEvent StreamReader::next() {
    SeenEvent event;
    while (event.name.empty()) {
        if (!takeEvent(event) && !readMore()) break;
    }
    return event;
}

std::string StreamReader::rest() {
    std::string text;
    for (SeenEvent event = next(); !event.name.empty(); event = next()) {
        if (!text.empty()) text += ' ';
        text += event.name;
        if (!event.id.empty()) text += ':' + event.id;
    }
    return text;
}

bool StreamReader::waitForBeats(int count) {
    SeenEvent none;
    while (beats_ < count) {
        if (!takeEvent(none) && !readMore()) return false;
    }
    return true;
}

}  // namespace sheafline::sse::test
