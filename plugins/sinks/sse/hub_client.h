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
    int fd = -1;              // -1: the slot is free
    std::uint32_t index = 0;  // of the slot
    std::uint32_t generation = 0;
    std::uint32_t place = 0;   // index in its channel's `live`
    std::uint8_t stalled = 0;  // heartbeats without progress
    bool chunked = true;
    bool live = false;     // reads the log; before that it reads the history
    bool blocked = false;  // the kernel did not accept everything: wait for EPOLLOUT
    bool moved = false;    // bytes moved since the last heartbeat
    bool closing = false;  // ends when everything is sent
    bool wants_page = false;
    std::uint64_t after = 0;
    HubChannel* channel = nullptr;
    EventSource* source = nullptr;
    std::shared_ptr<LogBlock> block{};  // the log, read from `offset`; null if the client does not
                                        // read the log
    std::size_t offset = 0;
    std::string own{};  // bytes that are sent before the log
    std::size_t own_sent = 0;
    std::string principal{};
};

struct HubChannel {
    std::string batch_id{};
    std::size_t members = 0;  // live or not yet
    std::vector<HubClient*> live{};
    std::array<std::size_t, 2> live_by_framing{};
    std::array<BroadcastLog, 2> logs{};  // plain and chunked
    std::uint64_t last_seq = 0;          // the newest seq that the live clients have or will get
    std::string turn{};                  // events of this turn
    std::size_t turn_events = 0;
    bool dirty = false;
};

}  // namespace sheafline::sse
