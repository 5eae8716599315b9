// From the history and the log to the sockets.
#include <algorithm>
#include <cerrno>
#include <sys/socket.h>
#include <sys/uio.h>
#include <utility>

#include "event_frame.h"
#include "hub_loop.h"

namespace sheafline::sse {

namespace {

constexpr std::size_t kPieces = 64;  // of one send

}  // namespace

void HubLoop::requestPage(HubClient& client) {
    client.wants_page = false;
    const HubChannel& channel = *client.channel;
    // If others read the log, the page also fills the gap between the end of the log and a client
    // that is ahead of the log.
    const std::uint64_t from =
        channel.live.empty() ? client.after : std::min(client.after, channel.last_seq);
    replay_.request({.client = client.index,
                     .generation = client.generation,
                     .source = client.source,
                     .batch_id = channel.batch_id,
                     .from = from,
                     .after = client.after,
                     .chunked = client.chunked});
}

void HubLoop::onPage(ReplayPage&& page) {
    HubClient& client = clients_[page.client];
    if (client.fd < 0 || client.generation != page.generation || client.closing) return;
    if (page.failed) return cut(client);
    replayed_ += page.events.size();
    client.own += page.bytes;
    const bool news = !page.events.empty() && page.events.back().seq > client.after;
    if (news) client.after = page.events.back().seq;
    if (news && page.events.back().kind != StreamEventKind::progress) {
        if (client.chunked) client.own += kLastChunk;
        client.closing = true;
    } else if (page.more) {
        client.wants_page = true;
    } else {
        catchUp(client, page.events);
    }
    flush(client);
}

// The history had no more events when the page was read. Events of the page that the log does not
// have yet are added to the log (they are committed and would follow anyway); then the client
// continues there.
void HubLoop::catchUp(HubClient& client, const std::vector<StreamEvent>& events) {
    HubChannel& channel = *client.channel;
    if (channel.live.empty()) channel.last_seq = std::max(channel.last_seq, client.after);
    for (const StreamEvent& event : events) {
        if (event.seq == channel.last_seq + 1) append(channel, event.seq, event.kind, event.json);
    }
    client.wants_page = client.after != channel.last_seq;
    if (!client.wants_page) join(client);
}

void HubLoop::onEvent(const CommittedEvent& event) {
    const auto found = channels_.find(event.batch_id);
    if (found == channels_.end()) return;
    HubChannel& channel = *found->second;
    if (event.seq <= channel.last_seq) return;
    if (event.seq != channel.last_seq + 1) {
        // A gap, which must not reach a client: disconnect all clients, so that they resume from
        // the history.
        while (!channel.live.empty()) cut(*channel.live.back());
    }
    if (channel.live.empty())
        channel.last_seq = event.seq;
    else
        append(channel, event.seq, kindOf(event.json), event.json);
}

void HubLoop::append(HubChannel& channel, std::uint64_t seq, StreamEventKind kind,
                     std::string_view json) {
    appendEvent(channel.turn, seq, kind, json);
    ++channel.turn_events;
    channel.last_seq = seq;
    if (!std::exchange(channel.dirty, true)) dirty_.push_back(&channel);
    if (kind != StreamEventKind::progress) endExecution(channel);
}

// One block for all events of this turn.
void HubLoop::endTurn(HubChannel& channel) {
    if (channel.turn.empty()) return;
    deliveries_ += channel.turn_events * channel.live.size();
    for (const bool chunked : {false, true}) {
        if (channel.live_by_framing[chunked] > 0)
            channel.logs[chunked].append(framed(channel.turn, chunked), channel.turn_events);
    }
    channel.turn.clear();
    channel.turn_events = 0;
}

// The final event: all clients receive the rest of the log and end.
void HubLoop::endExecution(HubChannel& channel) {
    endTurn(channel);
    for (const bool chunked : {false, true}) {
        if (chunked && channel.live_by_framing[chunked] > 0)
            channel.logs[chunked].append(std::string(kLastChunk), 0);
        channel.logs[chunked].seal();
    }
    while (!channel.live.empty()) {
        HubClient& client = *channel.live.back();
        leave(client);
        client.closing = true;
        if (!client.blocked) flush(client);
    }
}

void HubLoop::join(HubClient& client) {
    HubChannel& channel = *client.channel;
    endTurn(channel);
    client.live = true;
    client.place = static_cast<std::uint32_t>(channel.live.size());
    client.block = channel.logs[client.chunked].end();
    client.offset = 0;
    channel.live.push_back(&client);
    ++channel.live_by_framing[client.chunked];
}

// The client gets no more events, but keeps the bytes that are not sent yet.
void HubLoop::leave(HubClient& client) {
    if (!std::exchange(client.live, false)) return;
    HubChannel& channel = *client.channel;
    channel.live.back()->place = client.place;
    std::swap(channel.live[client.place], channel.live.back());
    channel.live.pop_back();
    --channel.live_by_framing[client.chunked];
}

void HubLoop::flushDirty() {
    for (HubChannel* channel : std::exchange(dirty_, {})) {
        channel->dirty = false;
        endTurn(*channel);
        // Backwards: a client that leaves is replaced by the last one, which is already done.
        for (std::size_t i = channel->live.size(); i-- > 0;) {
            HubClient& client = *channel->live[i];
            if (!client.blocked)
                flush(client);
            else if (overBacklog(client))
                cut(client);
        }
    }
}

bool HubLoop::overBacklog(const HubClient& client) const {
    const LogBlock& end = *client.channel->logs[client.chunked].end();
    const std::uint64_t bytes = end.begin_byte - client.block->begin_byte - client.offset +
                                client.own.size() - client.own_sent;
    return bytes > options_.backlog_bytes ||
           end.begin_event - client.block->begin_event > options_.backlog_events;
}

// Sends everything, unless the kernel's buffer is full.
void HubLoop::flush(HubClient& client) {
    client.blocked = false;
    while (!client.own.empty() || (client.block && client.block->next)) {
        if (!sendSome(client)) return;
    }
    if (client.closing) return drop(client);
    if (client.wants_page) requestPage(client);
}

// Returns false if the kernel's buffer is full or the client is gone.
bool HubLoop::sendSome(HubClient& client) {
    std::array<iovec, kPieces> pieces;
    std::size_t count = 0;
    std::size_t wanted = 0;
    const auto add = [&](const std::string& bytes, std::size_t from) {
        pieces[count++] = {.iov_base = const_cast<char*>(bytes.data()) + from,
                           .iov_len = bytes.size() - from};
        wanted += bytes.size() - from;
    };
    if (!client.own.empty()) add(client.own, client.own_sent);
    std::size_t offset = client.offset;
    for (const LogBlock* block = client.block.get();
         block != nullptr && block->next && count < kPieces; block = block->next.get())
        add(block->bytes, std::exchange(offset, 0));
    const msghdr message{.msg_name = nullptr,
                         .msg_namelen = 0,
                         .msg_iov = pieces.data(),
                         .msg_iovlen = count,
                         .msg_control = nullptr,
                         .msg_controllen = 0,
                         .msg_flags = 0};
    const ssize_t n = ::sendmsg(client.fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    ++sends_;
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        drop(client);
        return false;
    }
    const std::size_t sent = n < 0 ? 0 : static_cast<std::size_t>(n);
    bytes_ += sent;
    client.moved = client.moved || sent > 0;
    advance(client, sent);
    client.blocked = sent < wanted;
    return !client.blocked;
}

void HubLoop::advance(HubClient& client, std::size_t bytes) {
    if (!client.own.empty()) {
        const std::size_t n = std::min(bytes, client.own.size() - client.own_sent);
        client.own_sent += n;
        bytes -= n;
        if (client.own_sent < client.own.size()) return;
        client.own = {};
        client.own_sent = 0;
    }
    while (bytes > 0) {
        const std::size_t n = std::min(bytes, client.block->bytes.size() - client.offset);
        client.offset += n;
        bytes -= n;
        if (client.offset < client.block->bytes.size()) return;
        client.block = std::shared_ptr<LogBlock>(client.block->next);
        client.offset = 0;
    }
}

}  // namespace sheafline::sse
