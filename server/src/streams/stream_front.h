// The front of `run --sse`: event streams, polling and status of the batches in the data folder,
// for users of this machine. It has no sign-in, so it listens only on loopback addresses.
#pragma once

#include <memory>
#include <string>

#include <sheafline/streams/stream_hub.h>

#include "api/own_host.h"
#include "api/routes/progress_routes.h"
#include "http/front/front.h"
#include "http/message/router.h"
#include "owner/owner.h"
#include "plugins/plugin_catalog.h"
#include "settings/listen_address.h"

namespace sheafline {

// Creates the sink `sse` and passes it to the owner. Throws Error if the plugin is missing.
StreamHub& addStreamHub(Owner& owner, const PluginCatalog& plugins);

class StreamFront {
 public:
    // Throws ConfigError if `address` is not a loopback address. `readers` and `events` outlive the
    // owner, because its hub reads them.
    StreamFront(const ListenAddress& address, Owner& owner, ReaderPool& readers,
                EventSource& events, const PluginCatalog& plugins, Log& log);

    std::string url() const;
    void end();  // delivers pending events, ends the streams and closes the connections

 private:
    const ListenAddress address_;
    StreamHub& hub_;
    api::OpenGate gate_;
    const api::ProgressSources sources_;
    const api::OwnHost own_host_;  // nobody signs in here, so pages of other sites must not read
    http::Router router_;
    api::ApiRoutes routes_;
    std::unique_ptr<http::Front> front_;
};

}  // namespace sheafline
