#include "streams/stream_front.h"

#include <chrono>
#include <utility>

#include <sheafline/error.h>

namespace sheafline {

namespace {

constexpr std::chrono::seconds kStreamFrontGrace{2};

const ListenAddress& loopback(const ListenAddress& address) {
    if (isLoopback(address)) return address;
    throw ConfigError(
        "--sse has no sign-in, so it listens on a loopback address such as 127.0.0.1:8001; to "
        "serve other machines, use: sheafline serve");
}

}  // namespace

StreamHub& addStreamHub(Owner& owner, const PluginCatalog& plugins) {
    const PluginEntry* plugin = plugins.find(PluginKind::sink, "sse");
    if (plugin == nullptr)
        throw Error(ErrorClass::permanent, "NO_SUCH_PLUGIN", "there is no sink plugin 'sse'");
    Params params(ParamValues{});
    auto sink = plugin->descriptor->make_sink(params);
    auto* hub = dynamic_cast<StreamHub*>(sink.get());
    if (hub == nullptr)
        throw Error(ErrorClass::permanent, "NO_SUCH_PLUGIN",
                    "the sink plugin 'sse' is not a stream hub");
    owner.addSink({.name = "sse"}, std::move(sink));
    return *hub;
}

StreamFront::StreamFront(const ListenAddress& address, Owner& owner, ReaderPool& readers,
                         EventSource& events, const PluginCatalog& plugins, Log& log)
    : address_(loopback(address)),
      hub_(addStreamHub(owner, plugins)),
      sources_{.gate = gate_,
               .readers = readers,
               .events = events,
               .hub = hub_,
               .owner_id = owner.identity().id},
      own_host_(address_.host),
      router_([this](const http::RequestHead& head, const http::Origin& origin) {
          return own_host_.reason(head, origin);
      }),
      routes_(router_, gate_) {
    api::addProgressRoutes(routes_, sources_);
    front_ = std::make_unique<http::Front>(
        http::FrontConfig{.host = address_.host, .port = address_.port}, router_, log);
    front_->start();
}

std::string StreamFront::url() const { return urlOf(address_, front_->port()); }

void StreamFront::end() {
    hub_.drain(kStreamFrontGrace);
    front_->stop(kStreamFrontGrace);
}

}  // namespace sheafline
