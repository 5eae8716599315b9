#include "api/routes/progress_routes.h"

#include <functional>
#include <utility>
#include <vector>

#include <Poco/Net/HTTPServerResponse.h>

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

void openStream(ApiRequest& request, const ProgressSources& sources, const Watcher& watcher) {
    const std::string& id = request.param("id");
    std::string last_id = request.header("Last-Event-ID");
    if (last_id.empty()) last_id = request.query("last_event_id").value_or("");
    const StreamPosition at = streamPosition(sources.events, id, last_id);
    if (at.finished) return request.sendNothing();
    auto client = http::openStream(request.call(), request.response());
    if (!client) return;
    client->batch_id = id;
    client->after = at.after;
    client->principal = watcher.principal();
    sources.hub.adopt(std::move(*client), sources.events);
}

void stream(ApiRequest& request, const ProgressSources& sources) {
    const std::string& id = request.param("id");
    const Caller caller = sources.gate.identifyWatcher(request.call(), id);
    const BatchRow batch = visibleBatch(*sources.readers.take(), caller, id);
    openStream(request, sources, watcherOf(caller, id, owns(caller, batch)));
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

void progress(ApiRequest& request, const ProgressSources& sources) {
    const std::string& id = request.param("id");
    const auto history = sources.readers.take();
    const BatchRow batch = visibleBatch(*history, request.caller, id);
    if (request.query("after")) return sendEvents(request, sources.events);
    sendNewest(request, batch.seq,
               [&] { return history->eventsOf(batch.batch_id, batch.seq - 1, 1).at(0).json; });
}

void status(ApiRequest& request, const ProgressSources& sources) {
    const std::string& id = request.param("id");
    const auto history = sources.readers.take();
    const BatchRow batch = visibleBatch(*history, request.caller, id);
    std::string json = statusJson(batch, shownState(batch, sources.owner_id), *history);
    const auto findings = sources.folder == nullptr
                              ? std::vector<RosterFindingRow>()
                              : readRosterFindings(*sources.folder, *history, id);
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
                .summary = "Every event of a batch, those of its history first",
                .query = {"last_event_id", "ticket"},
                .answer = "text/event-stream",
                .also = {204},
                .errors = {"NO_SUCH_BATCH", "UNAUTHORIZED", "FORBIDDEN"},
                .options = {.event_stream = true}},
               [&sources](ApiRequest& request) { stream(request, sources); });
    routes.add("GET", "/api/batches/{id}/progress",
               {.id = "getProgress",
                .summary = "The newest event, or with `after` all events from there on",
                .query = {"after"},
                .gives = "EventOrEvents",
                .also = {304},
                .errors = {"NO_SUCH_BATCH"}},
               [&sources](ApiRequest& request) { progress(request, sources); });
    routes.add("GET", "/api/batches/{id}/status",
               {.id = "getBatchStatus",
                .summary = "A batch with its stages, artifacts and error",
                .gives = "BatchStatus",
                .errors = {"NO_SUCH_BATCH"}},
               [&sources](ApiRequest& request) { status(request, sources); });
}

}  // namespace sheafline::api
