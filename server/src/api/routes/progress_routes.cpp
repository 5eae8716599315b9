#include "api/routes/progress_routes.h"

#include <functional>
#include <utility>
#include <vector>

#include <Poco/Net/HTTPServerResponse.h>

#include "api/elsewhere.h"
#include "api/visible_batch.h"
#include "base/clocks.h"
#include "batches/batch_json.h"
#include "batches/results/roster_findings.h"
#include "http/front/event_stream.h"
#include "streams/watcher.h"

namespace sheafline::api {

namespace {

constexpr std::size_t kEventsAtOnce = 1000;

Watcher watcherOf(const Caller& caller, const std::string& batch_id, bool owned) {
    Watcher watcher{.session = caller.session, .opened_at = wallMs() / 1000};
    if (owned) return watcher;
    watcher.shared_batch = batch_id;
    watcher.user = caller.user;
    return watcher;
}

bool isElsewhere(const ProgressSources& sources, const std::string& batch_id) {
    return sources.elsewhere != nullptr && !sources.readers.take()->batch(batch_id);
}

// A native EventSource never reconnects after another status.
void streamLater(ApiRequest& request) { request.sendText("retry: 3000\n\n", "text/event-stream"); }

void openStream(ApiRequest& request, const ProgressSources& sources, EventSource& events,
                const Watcher& watcher) {
    const std::string& id = request.param("id");
    std::string last_id = request.header("Last-Event-ID");
    if (last_id.empty()) last_id = request.query("last_event_id").value_or("");
    const StreamPosition at = streamPosition(events, id, last_id);
    if (at.finished) return request.sendNothing();
    auto client = http::openStream(request.call(), request.response());
    if (!client) return;
    client->batch_id = id;
    client->after = at.after;
    client->principal = watcher.principal();
    sources.hub.adopt(std::move(*client), events);
}

void streamElsewhere(ApiRequest& request, const ProgressSources& sources, const Caller& caller) {
    const std::string& id = request.param("id");
    try {
        const RedisBatch batch = sources.elsewhere->visibleBatch(caller, id);
        const bool owned = caller.sees_all || caller.user == batch.owner;
        // Do this first, so that events that are published while the history is read are not
        // missed.
        sources.elsewhere->streams().watch(id);
        openStream(request, sources, sources.elsewhere->events(), watcherOf(caller, id, owned));
    } catch (const redis::RedisError&) {
        streamLater(request);
    } catch (const http::HttpError& error) {
        if (error.problem().status != 503) throw;
        streamLater(request);
    }
}

void stream(ApiRequest& request, const ProgressSources& sources) {
    const std::string& id = request.param("id");
    const Caller caller = sources.gate.identifyWatcher(request.call(), id);
    if (isElsewhere(sources, id)) return streamElsewhere(request, sources, caller);
    const BatchRow batch = visibleBatch(*sources.readers.take(), caller, id);
    openStream(request, sources, sources.events, watcherOf(caller, id, owns(caller, batch)));
}

// Only the newest event, byte for byte as it was committed.
void sendNewest(ApiRequest& request, std::uint64_t seq, const std::function<std::string()>& json) {
    const std::string tag = '"' + std::to_string(seq) + '"';
    auto& response = request.response();
    response.set("ETag", tag);
    response.set("Cache-Control", "private, no-cache");
    if (request.header("If-None-Match").find(tag) != std::string::npos)
        return request.sendNothing(304);
    request.sendJson(json());
}

void sendEvents(ApiRequest& request, EventSource& source) {
    const std::uint64_t after = request.queryNumber("after", 0, INT64_MAX);
    const auto events = source.read(request.param("id"), after, kEventsAtOnce);
    std::string json = "{\"events\":[";
    for (const StreamEvent& event : events) {
        if (&event != &events.front()) json += ',';
        json += event.json;
    }
    const std::uint64_t next = events.empty() ? after : events.back().seq;
    // Also answers `final` for a request after the last event.
    const auto last = events.empty() && after > 0 ? source.read(request.param("id"), after - 1, 1)
                                                  : std::vector<StreamEvent>();
    const StreamEventKind kind = !events.empty() ? events.back().kind
                                 : !last.empty() ? last.back().kind
                                                 : StreamEventKind::progress;
    json += "],\"next\":" + std::to_string(next) +
            ",\"final\":" + (kind != StreamEventKind::progress ? "true" : "false");
    if (!events.empty() && events.front().seq > after + 1) {
        json += R"(,"gap":{"from":)" + std::to_string(after + 1) +
                ",\"to\":" + std::to_string(events.front().seq - 1) + '}';
    }
    request.sendJson(json += '}');
}

void progressElsewhere(ApiRequest& request, Elsewhere& elsewhere) {
    const RedisBatch batch = elsewhere.visibleBatch(request.caller, request.param("id"));
    if (!request.query("after"))
        return sendNewest(request, batch.seq, [&] { return batch.newest; });
    try {
        sendEvents(request, elsewhere.events());
    } catch (const redis::RedisError&) {
        // Throws the error for the client.
        elsewhere.visibleBatch(request.caller, request.param("id"));
        throw;
    }
}

void progress(ApiRequest& request, const ProgressSources& sources) {
    const std::string& id = request.param("id");
    if (isElsewhere(sources, id)) return progressElsewhere(request, *sources.elsewhere);
    const auto history = sources.readers.take();
    const BatchRow batch = visibleBatch(*history, request.caller, id);
    if (request.query("after")) return sendEvents(request, sources.events);
    sendNewest(request, batch.seq,
               [&] { return history->eventsOf(batch.batch_id, batch.seq - 1, 1).at(0).json; });
}

void status(ApiRequest& request, const ProgressSources& sources) {
    const std::string& id = request.param("id");
    if (isElsewhere(sources, id))
        return request.sendJson(sources.elsewhere->visibleBatch(request.caller, id).status);
    const auto history = sources.readers.take();
    const BatchRow batch = visibleBatch(*history, request.caller, id);
    std::string json = statusJson(batch, shownState(batch, sources.owner_id), *history);
    const auto findings = sources.folder == nullptr
                              ? std::vector<RosterFindingRow>()
                              : readRosterFindings(sources.folder->artifacts(id));
    if (!findings.empty()) {
        json.back() = ',';
        json += "\"findings\":" + compactJson(findingCounts(findings)) + "}";
    }
    request.sendJson(json);
}

}  // namespace

void addProgressRoutes(ApiRoutes& routes, const ProgressSources& sources) {
    routes.add("GET", "/api/batches/{id}/stream",
               {.id = "streamBatch",
                .access = Access::open,
                .anywhere = true,
                .summary = "Every event of a batch, those of its history first",
                .query = {"last_event_id", "ticket"},
                .answer = "text/event-stream",
                .also = {204},
                .errors = {"NO_SUCH_BATCH", "UNAUTHORIZED", "FORBIDDEN"},
                .options = {.event_stream = true}},
               [&sources](ApiRequest& request) { stream(request, sources); });
    routes.add("GET", "/api/batches/{id}/progress",
               {.id = "getProgress",
                .anywhere = true,
                .summary = "The newest event, or with `after` all events from there on",
                .query = {"after"},
                .gives = "EventOrEvents",
                .also = {304},
                .errors = {"NO_SUCH_BATCH"}},
               [&sources](ApiRequest& request) { progress(request, sources); });
    routes.add("GET", "/api/batches/{id}/status",
               {.id = "getBatchStatus",
                .anywhere = true,
                .summary = "A batch with its stages, artifacts and error",
                .gives = "BatchStatus",
                .errors = {"NO_SUCH_BATCH"}},
               [&sources](ApiRequest& request) { status(request, sources); });
}

}  // namespace sheafline::api
