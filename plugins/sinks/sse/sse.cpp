// The sink `sse` sends committed events to the event streams of browsers. It starts with the newest
// event; clients read earlier events from the history.
#include <utility>

#include <sheafline/plugin.h>
#include <sheafline/streams/stream_hub.h>

#include "hub_loop.h"

namespace sheafline::sse {

namespace {

struct Options {
    HubOptions hub;

    explicit Options(Params& p)
        : hub{.max_clients = static_cast<std::size_t>(p.integer(
                  "max_clients", {.help = "most open streams; further clients are asked to retry",
                                  .default_value = "20000",
                                  .min = "1"})),
              .backlog_bytes =
                  p.size("backlog", {.help = "unsent bytes above which a client is disconnected",
                                     .default_value = "256KiB"}),
              .backlog_events = static_cast<std::size_t>(p.integer(
                  "backlog_events", {.help = "unsent events above which a client is disconnected",
                                     .default_value = "1000",
                                     .min = "1"})),
              .heartbeat = p.duration(
                  "heartbeat",
                  {.help = "time between two comments", .default_value = "15s", .min = "16ms"}),
              .retry = p.duration("retry", {.help = "least time before a client reconnects",
                                            .default_value = "2s"}),
              .send_buffer_bytes =
                  p.size("send_buffer", {.help = "size of the kernel's send buffer for one client",
                                         .default_value = "128KiB"})} {}
};

class Sse : public Sink, public StreamHub {
 public:
    explicit Sse(Params& params) : hub_(Options(params).hub) {}

    void deliver(std::span<const CommittedEvent> events) override { hub_.publish(events); }
    void adopt(StreamClient client, EventSource& source) override {
        hub_.adopt(std::move(client), source);
    }
    void revoke(std::function<bool(const std::string&)> revoked) override {
        hub_.revoke(std::move(revoked));
    }
    void drain(std::chrono::milliseconds grace) override { hub_.drain(grace); }
    StreamStats stats() const override { return hub_.stats(); }

 private:
    HubLoop hub_;
};

}  // namespace

}  // namespace sheafline::sse

const sheafline::PluginDescriptor sheafline_plugin{
    .kind = sheafline::PluginKind::sink,
    .name = "sse",
    .version = "1.0.0",
    .summary = "streams the events of a batch to browsers (Server-Sent Events)",
    .params = sheafline::paramsOf<sheafline::sse::Options>,
    .make_sink = sheafline::makeSink<sheafline::sse::Sse>};
