#include "owner/sink_process.h"

#include <algorithm>
#include <sys/socket.h>
#include <sys/time.h>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/utf8.h>

#include "owner/sink_frames.h"
#include "workers/processor_wire.h"

namespace sheafline {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kMostLosses = 5;
constexpr std::size_t kMostEvents = 1'000;
constexpr std::uint32_t kMostFrameBytes = 1U << 20U;  // of a question or an error message
constexpr std::chrono::milliseconds kLook{100};
constexpr std::chrono::milliseconds kSinkExitPatience{1'000};

ErrorClass errorClass(std::uint64_t number) {
    if (number > static_cast<std::uint64_t>(ErrorClass::cancelled))
        WireReader::fail("an unknown class of error");
    return static_cast<ErrorClass>(number);
}

}  // namespace

struct SinkProcess::Running {
    Process process{{"sink-process"}, Process::Group::own};
    FrameReader frames{process.socket(), kMostFrameBytes};

    // A stopped process does not read; a write must not wait for it without an end.
    explicit Running(std::chrono::milliseconds write_limit) {
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(write_limit);
        const timeval limit{.tv_sec = seconds.count(), .tv_usec = 0};
        ::setsockopt(process.socket(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    }
};

void SinkLosses::add(const std::string& why) {
    const std::lock_guard lock(mutex_);
    ++count_;
    last_ = why;
}

bool SinkLosses::tooMany() const {
    const std::lock_guard lock(mutex_);
    return count_ >= kMostLosses;
}

std::string SinkLosses::text() const {
    const std::lock_guard lock(mutex_);
    return "process failure " + std::to_string(count_) + " of " + std::to_string(kMostLosses) +
           ": " + last_;
}

SinkProcess::SinkProcess(SinkProcessOptions options) : options_(std::move(options)) {}

SinkProcess::~SinkProcess() = default;  // kills the process

void SinkProcess::deliver(std::span<const CommittedEvent> events) {
    if (rejected_ || options_.losses->tooMany()) switchOff();
    try {
        if (!running_) start();
        WireWriter out;
        writeEvents(out, events);
        send(SinkFrame::deliver, out);
        converse("a delivery");
    } catch (const Error& error) {
        if (error.code() == "WIRE") lost(error.what());
        throw;
    }
}

void SinkProcess::start() {
    running_ = std::make_unique<Running>(options_.call_limit);
    WireWriter out;
    out.text(options_.plugin.native()).text(options_.base.native());
    writeParams(out, options_.params);
    send(SinkFrame::hello, out);
    try {
        converse("its start");
    } catch (const Error&) {
        running_.reset();  // a process without a sink cannot take events
        throw;
    }
}

void SinkProcess::send(SinkFrame type, const WireWriter& payload) {
    const int socket = running_->process.socket();
    if (sendFrame(socket, static_cast<std::uint8_t>(type), payload.bytes())) return;
    lost(running_->process.ended()
             ? "it ended: " + running_->process.waitAtMost(kSinkExitPatience).text
             : "it does not read its input");
}

// Answers its queries until it is ready or done. Throws the exceptions of the sink.
void SinkProcess::converse(const std::string& call) {
    const auto deadline = Clock::now() + options_.call_limit;
    while (true) {
        while (const auto frame = running_->frames.take()) {
            if (take(*frame)) return;
        }
        if (waitReadable(running_->process.socket(), kLook)) {
            if (!running_->frames.fill())
                lost("it ended: " + running_->process.waitAtMost(kSinkExitPatience).text);
        } else if (running_->process.ended()) {
            lost("it ended: " + running_->process.wait().text);
        }
        if (Clock::now() >= deadline) {
            lost(call + " took longer than " + std::to_string(options_.call_limit.count()) + " ms");
        }
    }
}

// Whether the call is over.
bool SinkProcess::take(const Frame& frame) {
    WireReader in(frame.payload);
    WireWriter out;
    switch (static_cast<SinkFrame>(frame.type)) {
        case SinkFrame::ready:
        case SinkFrame::done:
            in.requireEnd();
            return true;
        case SinkFrame::failed: {
            const ErrorClass kind = errorClass(in.u64());
            std::string code = cleanUtf8(in.text());
            const std::string message = cleanUtf8(in.text());
            in.requireEnd();
            rejected_ = code == kParamsRefused;
            if (rejected_)
                throw Error(kind, "SINK_OFF", "the plugin rejects its params: " + message);
            if (code == "SINK_OFF") code = "SINK";  // only this class decides that
            throw Error(kind, std::move(code), message);
        }
        case SinkFrame::ask_batch: {
            const std::string id = in.text();
            in.requireEnd();
            writeBatch(out, history_ == nullptr ? std::nullopt : history_->batch(id));
            send(SinkFrame::batch, out);
            return false;
        }
        case SinkFrame::ask_events: {
            const std::string id = in.text();
            const std::uint64_t after = in.u64();
            const std::size_t most = std::min<std::uint64_t>(in.u64(), kMostEvents);
            in.requireEnd();
            const auto events = history_ == nullptr ? std::vector<CommittedEvent>{}
                                                    : history_->events(id, after, most);
            writeEvents(out, events);
            send(SinkFrame::events, out);
            return false;
        }
        default:
            WireReader::fail("an unknown type");
    }
}

void SinkProcess::lost(const std::string& why) {
    running_.reset();
    options_.losses->add(why);
    if (options_.losses->tooMany()) switchOff();
    throw Error(ErrorClass::transient, "SINK_LOST",
                "plugin '" + options_.name + "': " + options_.losses->text());
}

void SinkProcess::switchOff() const {
    throw Error(ErrorClass::permanent, "SINK_OFF",
                "plugin '" + options_.name +
                    "': " + (rejected_ ? "it rejects its params" : options_.losses->text()) +
                    "; correct it, then start the program again");
}

}  // namespace sheafline
