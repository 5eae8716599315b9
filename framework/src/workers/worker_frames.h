// The frames between a worker process and its pool.
#pragma once

#include <cstdint>

#include "process/wire.h"

namespace sheafline {

// hello: plugin file, base of paths, params. ready: columns. rejected: text. task: number, attempt,
// path, page, qr, group. reading: a Reading. failure: text. confine: folders that may be read.
enum class WorkerFrame : std::uint8_t {
    hello = 1,
    ready = 2,
    rejected = 3,
    task = 4,
    reading = 5,
    failure = 6,
    confine = 7
};

inline constexpr std::size_t kMostReadingBytes = 16U << 20U;
// The most that a worker sends at once: a reading with the lengths of its texts.
inline constexpr std::uint32_t kMostWorkerFrameBytes = kMostReadingBytes + (1U << 20U);

// The end of the socket shows that the process has ended.
inline void send(int socket, WorkerFrame type, const WireWriter& payload) {
    sendFrame(socket, static_cast<std::uint8_t>(type), payload.bytes());
}

}  // namespace sheafline
