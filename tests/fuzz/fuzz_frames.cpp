// Frames from a batch process or a worker, over a real socket, with the readings and params in
// them.
#include <sys/socket.h>

#include <sheafline/error.h>

#include "fuzz_input.h"
#include "history/change.h"
#include "history/change_wire.h"
#include "process/wire.h"
#include "workers/processor_wire.h"

using namespace sheafline;

namespace {

template <typename Read>
void tried(const Read& read) {
    try {
        read();
    } catch (const Error&) {  // rejected
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 64U << 10U) return -1;  // more than a socket takes at once
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return 0;
    const bool sent = ::send(ends[0], data, size, MSG_DONTWAIT) == static_cast<ssize_t>(size);
    ::close(ends[0]);
    FrameReader reader(ends[1]);
    tried([&] {
        while (const auto frame = sent ? reader.next() : std::nullopt) {
            tried([&] { decodeChange(frame->payload); });
            tried([&] {
                WireReader in(frame->payload);
                readReading(in);
            });
            tried([&] {
                WireReader in(frame->payload);
                readParams(in);
            });
        }
    });
    ::close(ends[1]);
    return 0;
}
