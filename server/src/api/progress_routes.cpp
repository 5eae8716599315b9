#include "api/progress_routes.h"

#include <utility>

#include <Poco/Net/HTTPServerResponse.h>

#include "api/visible_batch.h"
#include "batch_json.h"
#include "clocks.h"
#include "http/event_stream.h"

namespace sheafline::api {

namespace {

constexpr int kEventsAtOnce = 1000;

std::string watcherName(const std::string& session) {
    return session + '@' + std::to_string(wallMs() / 1000);
}

void stream(ApiRequest& request, const ProgressSources& sources) {
    const std::string& id = request.param("id");
    const Caller caller = sources.gate.identifyWatcher(request.call(), id);
    visibleBatch(*sources.readers.take(), caller, id);
    std::string last_id = request.header("Last-Event-ID");
    if (last_id.empty()) last_id = request.query("last_event_id").value_or("");
    const StreamPosition at = streamPosition(sources.events, id, last_id);
    if (at.finished) return request.sendNothing();
    auto client = http::openStream(request.call(), request.response());
    if (!client) return;
    client->batch_id = id;
    client->after = at.after;
    client->principal = watcherName(caller.session);
    sources.hub.adopt(std::move(*client), sources.events);
}

// The newest event alone, byte for byte as it was committed.
void newest(ApiRequest& request, HistoryReader& history, const BatchRow& batch) {
    const std::string tag = '"' + std::to_string(batch.seq) + '"';
    auto& response = request.response();
    response.set("ETag", tag);
    response.set("Cache-Control", "private, no-cache");
    if (request.header("If-None-Match").find(tag) != std::string::npos)
        return request.sendNothing(304);
    request.sendJson(history.eventsOf(batch.batch_id, batch.seq - 1, 1).at(0).json);
}

void eventsAfter(ApiRequest& request, HistoryReader& history, const BatchRow& batch) {
    const std::uint64_t after = request.queryNumber("after", 0, INT64_MAX);
    const auto events = history.eventsOf(batch.batch_id, after, kEventsAtOnce);
    std::string json = "{\"events\":[";
    for (const CommittedEvent& event : events) {
        if (&event != &events.front()) json += ',';
        json += event.json;
    }
    const std::uint64_t next = events.empty() ? after : events.back().seq;
    // The batch was read before its events: a newer final one is seen by the next call.
    const bool final = isFinal(batch.state) && next == batch.seq;
    json += "],\"next\":" + std::to_string(next) + ",\"final\":" + (final ? "true" : "false");
    if (!events.empty() && events.front().seq > after + 1) {
        json += ",\"gap\":{\"from\":" + std::to_string(after + 1) +
                ",\"to\":" + std::to_string(events.front().seq - 1) + '}';
    }
    request.sendJson(json += '}');
}

void progress(ApiRequest& request, const ProgressSources& sources) {
    const auto history = sources.readers.take();
    const BatchRow batch = visibleBatch(*history, request.caller, request.param("id"));
    if (request.query("after")) return eventsAfter(request, *history, batch);
    newest(request, *history, batch);
}

void status(ApiRequest& request, const ProgressSources& sources) {
    const auto history = sources.readers.take();
    const BatchRow batch = visibleBatch(*history, request.caller, request.param("id"));
    request.sendJson(statusJson(batch, shownState(batch, sources.owner_id), *history));
}

}  // namespace

void addProgressRoutes(ApiRoutes& routes, const ProgressSources& sources) {
    routes.add("GET", "/api/batches/{id}/stream",
               {.access = Access::open,
                .summary = "Every event of a batch, those of its history first",
                .query = {"last_event_id", "ticket"},
                .answer = "text/event-stream",
                .also = {204},
                .errors = {"NO_SUCH_BATCH", "UNAUTHORIZED"},
                .options = {.event_stream = true}},
               [&sources](ApiRequest& request) { stream(request, sources); });
    routes.add("GET", "/api/batches/{id}/progress",
               {.summary = "The newest event, or with `after` all events from there on",
                .query = {"after"},
                .also = {304},
                .errors = {"NO_SUCH_BATCH"}},
               [&sources](ApiRequest& request) { progress(request, sources); });
    routes.add(
        "GET", "/api/batches/{id}/status",
        {.summary = "A batch with its stages, artifacts and error", .errors = {"NO_SUCH_BATCH"}},
        [&sources](ApiRequest& request) { status(request, sources); });
}

}  // namespace sheafline::api
