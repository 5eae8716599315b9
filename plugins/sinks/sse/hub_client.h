// One client of the hub, and the batch that it watches. They belong to the hub's thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <sheafline/streams/stream_hub.h>

#include "broadcast_log.h"

namespace sheafline::sse {

struct HubChannel;

struct HubClient {
    int fd = -1;              // -1: the place is free
    std::uint32_t index = 0;  // of the place
    std::uint32_t generation = 0;
    std::uint32_t place = 0;   // in its channel's `live`
    std::uint8_t stalled = 0;  // beats at which nothing had moved
    bool chunked = true;
    bool live = false;     // reads the log; before that it reads the history
    bool blocked = false;  // the kernel took less than there was: wait for EPOLLOUT
    bool moved = false;    // since the last beat
    bool closing = false;  // ends when everything is sent
    bool wants_page = false;
    std::uint64_t after = 0;
    HubChannel* channel = nullptr;
    EventSource* source = nullptr;
    std::shared_ptr<LogBlock> block{};  // the log from `offset` on; null where it has no part in it
    std::size_t offset = 0;
    std::string own{};  // goes out before the log
    std::size_t own_sent = 0;
    std::string principal{};
};

struct HubChannel {
    std::string batch_id{};
    std::size_t members = 0;  // live or not
    std::vector<HubClient*> live{};
    std::array<std::size_t, 2> live_by_framing{};
    std::array<BroadcastLog, 2> logs{};  // plain and chunked
    std::uint64_t last_seq = 0;          // the newest that the live clients have or will get
    std::string turn{};                  // events of this turn
    std::size_t turn_events = 0;
    bool dirty = false;
};

}  // namespace sheafline::sse
