#include "api/routes/operation_routes.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <sys/statvfs.h>
#include <system_error>
#include <utility>
#include <vector>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/Net/IPAddress.h>

#include "api/description/openapi.h"
#include "api/metrics/metric_text.h"
#include "api/metrics/process_metrics.h"
#include "batches/batch_json.h"
#include "uploads/upload_limits.h"

namespace sheafline::api {

namespace {

using Poco::JSON::Object;

bool isReadOnly(const std::filesystem::path& folder) {
    struct statvfs status {};
    return ::statvfs(folder.c_str(), &status) == 0 && (status.f_flag & ST_RDONLY) != 0;
}

void addDiskReasons(std::vector<std::string>& reasons, const std::filesystem::path& folder,
                    const std::string& name, const std::string& disk_error) {
    std::error_code error;
    const auto space = std::filesystem::space(folder, error);
    if (error) reasons.push_back(name + " cannot be reached");
    if (isReadOnly(folder)) {
        reasons.push_back("the disk of " + name + " cannot be written");
    } else if (!disk_error.empty()) {
        reasons.push_back(disk_error);
    } else if (!error && space.available < kDiskFullBelowBytes) {
        reasons.push_back("the disk of " + name + " is full: less than " +
                          std::to_string(kDiskFullBelowBytes >> 20U) + " MiB are free");
    }
}

std::vector<std::string> notReady(const OperationParts& parts) {
    std::vector<std::string> reasons;
    if (parts.draining) reasons.emplace_back("the server is stopping");
    try {
        parts.readers.take()->lastEventId();
    } catch (const std::exception&) {
        reasons.emplace_back("the history cannot be read");
    }
    const DataFolder& folder = parts.owner.folder();
    addDiskReasons(reasons, folder.data(), "the data folder", parts.owner.diskError());
    if (folder.hasSharedStore()) addDiskReasons(reasons, folder.store(), "the store", "");
    return reasons;
}

// The sinks of the batches' pipelines are shown together as "pipeline", with the worst state.
std::map<std::string, SinkState> sinksByKind(Owner& owner) {
    std::map<std::string, SinkState> sinks;
    for (SinkState& state : owner.sinkStates()) {
        const std::size_t slash = state.name.find('/');
        SinkState& worst = sinks[slash == std::string::npos ? state.name : "pipeline"];
        worst.lag = std::max(worst.lag, state.lag);
        if (state.error) worst.error = std::move(state.error);
    }
    return sinks;
}

// Errors that do not stop batches or requests.
std::vector<std::string> degraded(const OperationParts& parts) {
    std::vector<std::string> reasons;
    for (const auto& [name, sink] : sinksByKind(parts.owner)) {
        if (sink.error) reasons.push_back("sink " + name + " fails: " + sink.error->code);
    }
    return reasons;
}

void ready(ApiRequest& request, const OperationParts& parts) {
    auto reasons = notReady(parts);
    const bool works = reasons.empty();
    std::ranges::move(degraded(parts), std::back_inserter(reasons));
    Poco::JSON::Array list;
    for (const std::string& reason : reasons) list.add(reason);
    Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("status", !works ? "not ready" : reasons.empty() ? "ready" : "degraded");
    object.set("reasons", list);
    request.sendJson(compactJson(object), works ? 200 : 503);
}

void addBuild(MetricText& metrics) {
    metrics.begin("sheafline_build_info", "gauge", "1, with the version as a label");
    metrics.sample("sheafline_build_info", "version", SHEAFLINE_VERSION, 1);
}

// Sheets of batches that have not ended.
void addSheets(MetricText& metrics, HistoryReader& history) {
    std::uint64_t waiting = 0;
    std::uint64_t settled = 0;
    for (const BatchRow& batch : history.unfinished()) {
        const auto done = batch.sheets_read + batch.sheets_quarantined + batch.sheets_discarded;
        settled += done;
        waiting += batch.sheets_total - std::min(batch.sheets_total, done);
    }
    metrics.add("sheafline_sheets_waiting", "gauge",
                "Sheets that batches have still to read, also those at work", waiting);
    metrics.add("sheafline_sheets_settled", "gauge",
                "Sheets of unfinished batches that were read, quarantined or discarded", settled);
}

void addFront(MetricText& metrics, const http::FrontStats& front) {
    metrics.add("sheafline_http_connections", "gauge", "Open connections", front.connections);
    metrics.add("sheafline_http_accepted_total", "counter", "Connections accepted", front.accepted);
    metrics.add("sheafline_http_busy", "gauge", "Requests with a handler", front.busy);
    metrics.add("sheafline_http_requests_total", "counter", "Requests", front.requests);
    metrics.add("sheafline_http_refused_total", "counter", "Answered without a handler",
                front.rejected);
    metrics.add("sheafline_http_timeouts_total", "counter", "Cut for being slow", front.timeouts);
    metrics.add("sheafline_http_evicted_total", "counter", "Cut to make room", front.evicted);
}

void addStreams(MetricText& metrics, const StreamStats& streams, std::size_t list_streams) {
    metrics.add("sheafline_streams", "gauge", "Open event streams", streams.clients);
    metrics.add("sheafline_list_streams", "gauge", "Open streams of the list of batches",
                list_streams);
    metrics.add("sheafline_deliveries_total", "counter", "Live events times their clients",
                streams.deliveries);
    metrics.add("sheafline_replayed_total", "counter", "Events read from the history",
                streams.replayed);
    metrics.add("sheafline_streams_cut_total", "counter", "Streams cut for not reading",
                streams.cut);
    metrics.add("sheafline_streams_turned_away_total", "counter",
                "Streams that were asked to reconnect later", streams.turned);
}

void metrics(ApiRequest& request, const OperationParts& parts) {
    // Callers on this machine, such as scrapers, need no sign-in; others must be an admin. What an
    // unknown proxy on this machine passes on can come from anywhere.
    Poco::Net::IPAddress client;
    const bool local = !request.call().origin.by_unknown_proxy &&
                       Poco::Net::IPAddress::tryParse(request.call().origin.client, client) &&
                       client.isLoopback();
    if (!local && !parts.gate.identify(request.call()).sees_all)
        throw http::HttpError(403, "FORBIDDEN", "your role does not allow this");
    MetricText metrics;
    addBuild(metrics);
    addProcess(metrics);
    addDisk(metrics, parts.owner.folder());
    addFront(metrics, parts.front_stats());
    if (parts.tally != nullptr) parts.tally->write(metrics);
    addStreams(metrics, parts.hub.stats(), parts.list_streams());
    const QueueCounts queue = parts.queue.counts();
    metrics.add("sheafline_batches_running", "gauge", "Batches at work", queue.running);
    metrics.add("sheafline_batches_waiting", "gauge", "Batches in the queue", queue.waiting);
    const auto history = parts.readers.take();
    metrics.begin("sheafline_batches", "gauge", "Batches in the history, by state");
    for (const auto& [state, count] : history->countByState())
        metrics.sample("sheafline_batches", "state", state, count);
    addSheets(metrics, *history);
    parts.stages.take(*history);
    parts.stages.write(metrics);
    parts.workers.write(metrics);
    const DoubtCounts doubts = history->countDoubts();
    metrics.add("sheafline_sheets_doubtful", "gauge", "Sheets that were read with a doubt",
                doubts.sheets);
    metrics.add("sheafline_answers_doubtful", "gauge", "Answers that a person should check",
                doubts.answers);
    metrics.begin("sheafline_stages_running", "gauge",
                  "Stages at work, by the name in their events");
    for (const auto& [stage, count] : history->countRunningStages())
        metrics.sample("sheafline_stages_running", "stage", stage, count);
    metrics.add("sheafline_history_waiting", "gauge", "Changes that wait for their commit",
                parts.owner.history().waiting());
    const PictureStats pictures = parts.pictures.stats();
    metrics.begin("sheafline_pictures_total", "counter",
                  "Pictures of sheets, by where they came from");
    metrics.sample("sheafline_pictures_total", "how", "drawn", pictures.drawn);
    metrics.sample("sheafline_pictures_total", "how", "cached", pictures.cached);
    metrics.add("sheafline_picture_processes_killed_total", "counter",
                "Picture processes that crashed or were stopped", pictures.killed);
    metrics.add("sheafline_uploads_open", "gauge", "Uploads whose bytes are still to come",
                parts.uploads.open());
    metrics.add("sheafline_upload_bytes_total", "counter", "Bytes of archives stored",
                parts.uploads.storedBytes());
    metrics.add("sheafline_events_total", "counter", "Events committed",
                parts.owner.history().lastEventId());
    metrics.begin("sheafline_sink_lag", "gauge", "Events that a sink has still to take");
    const auto sinks = sinksByKind(parts.owner);
    for (const auto& [name, sink] : sinks)
        metrics.sample("sheafline_sink_lag", "sink", name, sink.lag);
    metrics.begin("sheafline_sink_failing", "gauge", "1 where a sink's last delivery failed");
    for (const auto& [name, sink] : sinks)
        metrics.sample("sheafline_sink_failing", "sink", name, sink.error ? 1 : 0);
    metrics.begin("sheafline_sink_trouble", "gauge", "Why a sink fails: the code of its error");
    for (const auto& [name, sink] : sinks) {
        if (!sink.error) continue;
        const std::string labels = "sink=\"" + name + "\",code=\"" + sink.error->code + '"';
        metrics.sample("sheafline_sink_trouble", labels, 1);
    }
    request.sendText(metrics.text(), "text/plain; version=0.0.4; charset=utf-8");
}

void system(ApiRequest& request, const OperationParts& parts) {
    const QueueCounts queue = parts.queue.counts();
    std::error_code error;
    const auto space = std::filesystem::space(parts.owner.folder().data(), error);
    Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("version", SHEAFLINE_VERSION);
    object.set("since", parts.owner.identity().since);
    object.set("running", queue.running);
    object.set("waiting", queue.waiting);
    object.set("streams", parts.hub.stats().clients);
    object.set("free_bytes", error ? 0 : space.available);
    request.sendJson(compactJson(object));
}

// A text that is expensive to make and never changes. Thread-safe.
class OnceMade {
 public:
    template <typename Make>
    const std::string& text(Make make) {
        std::call_once(once_, [&] { text_ = make(); });
        return text_;
    }

 private:
    std::once_flag once_;
    std::string text_;
};

}  // namespace

void addOperationRoutes(ApiRoutes& routes, const OperationParts& parts) {
    routes.add(
        "GET", "/healthz",
        {.id = "getHealth", .access = Access::open, .summary = "It is alive", .gives = "Health"},
        [](ApiRequest& request) { request.sendJson(R"({"status":"ok"})"); });
    routes.add("GET", "/readyz",
               {.id = "getReadiness",
                .access = Access::open,
                .summary = "It can work, or why not",
                .gives = "Readiness",
                .also = {503}},
               [&parts](ApiRequest& request) { ready(request, parts); });
    routes.add("GET", "/metrics",
               {.id = "getMetrics",
                .access = Access::open,
                .summary = "Prometheus text, for this machine and for admins",
                .answer = "text/plain",
                .errors = {"FORBIDDEN", "UNAUTHORIZED"}},
               [&parts](ApiRequest& request) { metrics(request, parts); });
    routes.add("GET", "/api/system",
               {.id = "getSystem", .summary = "Version, load and room", .gives = "System"},
               [&parts](ApiRequest& request) { system(request, parts); });
}

void addDescriptionRoute(ApiRoutes& routes) {
    routes.add("GET", "/api/openapi.json",
               {.id = "getOpenApi",
                .access = Access::open,
                .summary = "This description",
                .gives = "JsonSchema"},
               [&routes, document = std::make_shared<OnceMade>()](ApiRequest& request) {
                   request.sendJson(document->text(
                       [&] { return openApiOf(routes.described(), SHEAFLINE_VERSION); }));
               });
}

}  // namespace sheafline::api
