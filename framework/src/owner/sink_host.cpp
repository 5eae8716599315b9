// The process of one sink: loads the plugin, and delivers what the owner sends.
#include <memory>
#include <string>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/plugin.h>

#include "owner/sink_frames.h"
#include "owner/sink_process.h"
#include "plugins/loaded_plugin.h"
#include "process/process.h"
#include "process/process_guard.h"
#include "workers/processor_wire.h"

namespace sheafline {

namespace {

constexpr std::uint64_t kMostSinkFiles = 1'024;

void send(SinkFrame type, const WireWriter& payload = {}) {
    sendFrame(kPeerSocket, static_cast<std::uint8_t>(type), payload.bytes());
}

void sendFailure(ErrorClass kind, const std::string& code, const std::string& message) {
    send(SinkFrame::failed,
         WireWriter().u64(static_cast<std::uint64_t>(kind)).text(code).text(message));
}

// Says done, ready or what was thrown.
template <typename Call>
bool answered(SinkFrame well, const Call& call) {
    try {
        call();
        send(well);
        return true;
    } catch (const ConfigError& error) {
        sendFailure(ErrorClass::permanent, kParamsRefused, error.what());
    } catch (const Error& error) {
        sendFailure(error.errorClass(), error.code(), error.what());
    } catch (const std::exception& error) {
        sendFailure(ErrorClass::transient, "SINK", error.what());
    } catch (...) {
        sendFailure(ErrorClass::transient, "SINK",
                    "it threw an object that is not a std::exception");
    }
    return false;
}

// Sends queries to the owner, which answers them while it waits for the end of the delivery.
class OwnersHistory : public SinkHistory {
 public:
    explicit OwnersHistory(FrameReader& frames) : frames_(frames) {}

    std::optional<BatchView> batch(std::string_view batch_id) override {
        send(SinkFrame::ask_batch, WireWriter().text(batch_id));
        const Frame answer = next(SinkFrame::batch);
        WireReader in(answer.payload);
        return readBatch(in);
    }
    std::vector<CommittedEvent> events(std::string_view batch_id, std::uint64_t after_seq,
                                       std::size_t max) override {
        send(SinkFrame::ask_events, WireWriter().text(batch_id).u64(after_seq).u64(max));
        const Frame answer = next(SinkFrame::events);
        WireReader in(answer.payload);
        return readEvents(in);
    }

 private:
    Frame next(SinkFrame wanted) {
        auto frame = frames_.next();
        if (!frame) throw Error(ErrorClass::cancelled, "OWNER_GONE", "the owner has ended");
        if (frame->type != static_cast<std::uint8_t>(wanted)) WireReader::fail("an unknown type");
        return std::move(*frame);
    }

    FrameReader& frames_;
};

std::unique_ptr<Sink> madeSink(const Frame& hello) {
    WireReader in(hello.payload);
    const std::string file = in.text();
    const std::filesystem::path base = in.text();
    Params params(readParams(in), base);
    auto sink = loadedPlugin(file).make_sink(params);
    params.requireAllRead();
    return sink;
}

}  // namespace

int hostSink() {
    guardThisProcess();
    limitOpenFiles(kMostSinkFiles);
    FrameReader frames(kPeerSocket);
    const auto hello = frames.next();
    if (!hello) return 0;
    OwnersHistory history(frames);
    std::unique_ptr<Sink> sink;
    const bool ready = answered(SinkFrame::ready, [&] { sink = madeSink(*hello); });
    bool attached = false;
    while (ready) {
        const auto frame = frames.next();
        if (!frame) break;
        WireReader in(frame->payload);
        const auto events = readEvents(in);
        answered(SinkFrame::done, [&] {
            if (!attached) sink->attach(history);
            attached = true;
            sink->deliver(events);
        });
    }
    return 0;
}

}  // namespace sheafline
