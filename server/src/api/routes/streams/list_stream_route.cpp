#include "api/routes/streams/list_stream_route.h"

#include <utility>

#include "base/clocks.h"
#include "http/front/event_stream.h"
#include "streams/watcher.h"

namespace sheafline::api {

namespace {

void streamList(ApiRequest& request, ListStreams& streams) {
    const Caller& caller = request.caller;
    auto client = http::openStream(request.call(), request.response());
    if (!client) return;
    client->principal =
        Watcher{.session = caller.session, .opened_at = wallMs() / 1000}.principal();
    streams.adopt(std::move(*client), {.user = caller.user, .sees_all = caller.sees_all});
}

}  // namespace

void addListStreamRoute(ApiRoutes& routes, ListStreams& streams) {
    routes.add("GET", "/api/streams/batches",
               {.id = "streamBatches",
                .summary = "What changes in the list of batches; without ids, cannot be resumed",
                .answer = "text/event-stream",
                .options = {.event_stream = true}},
               [&streams](ApiRequest& request) { streamList(request, streams); });
}

}  // namespace sheafline::api
