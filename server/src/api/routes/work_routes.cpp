#include "api/routes/work_routes.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <optional>
#include <system_error>
#include <vector>

#include <Poco/Net/HTTPServerResponse.h>

#include <sheafline/error.h>
#include <sheafline/sheets/read_image.h>
#include <sheafline/work/worker_record.h>

#include "api/bodies/list_page.h"
#include "api/visible_batch.h"
#include "base/clocks.h"
#include "base/file_digest.h"

namespace sheafline::api {

namespace {

using http::HttpError;

constexpr std::uintmax_t kMaxBytes = std::uintmax_t{64} << 20U;

// A worker's token gives access to the sheets of its batch; callers without one are checked as
// usual.
void requireMayFetch(ApiRequest& request, const WorkParts& parts, HistoryReader& history) {
    constexpr std::string_view kBearer = "Bearer ";
    const std::string& batch = request.param("id");
    const std::string header = request.header("Authorization");
    if (header.starts_with(kBearer)) {
        const auto claims = parts.tokens.verify(
            TokenKind::work, std::string_view(header).substr(kBearer.size()), wallMs() / 1000);
        if (claims && claims->batch == batch) return;
    }
    request.caller = parts.gate.identify(request.call());
    if (!request.caller.may_read)
        throw HttpError(403, "FORBIDDEN", "the token lacks the scope 'read'");
    visibleBatch(history, request.caller, batch);
}

// Empty if this server has no such file, or a power cut has damaged it.
std::optional<std::string> extractedBytes(const std::filesystem::path& path) {
    const std::ifstream file(path, std::ios::binary);
    if (!file && errno != ENOENT) throwSystemError(errno, "cannot open the image of a sheet");
    if (!file) return std::nullopt;
    std::error_code error;
    if (std::filesystem::file_size(path, error) > kMaxBytes)
        throw HttpError(404, "NO_IMAGE", "the image of the sheet has more than 64 MiB");
    try {
        const auto bytes = sheets::readBytes(path);
        return std::string(bytes.begin(), bytes.end());
    } catch (const sheets::UnreadableImage&) {
        return std::nullopt;
    }
}

// A worker gives a sheet up that is gone. While its batch runs, the archive is in the store, so a
// server that does not find it has lost the store for a moment.
void requireStore(const PictureOrder& order, const BatchRow& batch) {
    if (isFinal(batch.state) || std::filesystem::exists(order.archive)) return;
    throw HttpError(http::Problem{.status = 503,
                                  .code = "BUSY",
                                  .detail = "this server does not find the batch's archive; try "
                                            "again, and let its operator look at the store",
                                  .fields = {{"Retry-After", "1"}}});
}

// The batch may run on another server, which has the extracted files; the archive is in the store.
std::string archivedBytes(ApiRequest& request, const WorkParts& parts, const BatchRow& batch,
                          const Sheet& sheet) {
    try {
        const PictureOrder order = sourceOrder(parts.folder, batch.batch_id, sheet);
        requireStore(order, batch);
        return parts.sources.picture(order, [&] { return !request.call().clientLeft(); }).bytes;
    } catch (const Error& error) {
        if (error.code() == "NO_IMAGE") throw HttpError(404, "NO_IMAGE", error.what());
        if (error.code() == "CLIENT_GONE") throw HttpError(400, "TRUNCATED", error.what());
        throw;
    }
}

void source(ApiRequest& request, const WorkParts& parts) {
    const auto history = parts.readers.take();
    const std::string& batch = request.param("id");
    requireMayFetch(request, parts, *history);
    const std::string& text = request.param("n");
    const bool plain =
        text.size() <= 9 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    const auto sheet = plain ? history->sheet(batch, std::stoi(text)) : std::nullopt;
    const auto row = history->batch(batch);
    if (!sheet || !row) throw HttpError(404, "NO_SUCH_SHEET", "the batch has no such sheet");
    if (sheet->path.empty())
        throw HttpError(404, "NO_IMAGE", "the image of the sheet no longer exists");
    const auto extracted = extractedBytes(parts.folder.work(batch) / sheet->path);
    const std::string bytes = extracted ? *extracted : archivedBytes(request, parts, *row, *sheet);
    request.response().set("ETag", '"' + sha256Of(bytes) + '"');
    request.response().set("Cache-Control", "private, no-cache");
    request.sendText(bytes, std::string(kSourceType));
}

// Hides the ids of other users' batches.
void hideForeign(work::WorkerRecord& worker, const Caller& caller, HistoryReader& history) {
    if (caller.sees_all) return;
    const auto hidden = [&](const std::string& id) {
        const auto batch = history.batch(id);
        return !batch || !maySee(history, caller, *batch);
    };
    std::erase_if(worker.sheets, [&](const auto& sheet) { return hidden(sheet.batch); });
    std::erase_if(worker.rejects, [&](const auto& rejection) { return hidden(rejection.batch); });
}

void list(ApiRequest& request, const WorkParts& parts) {
    std::vector<work::WorkerRecord> workers;
    if (!parts.redis.empty()) {
        try {
            redis::Connection redis(
                {.url = redis::parseRedisUrl(parts.redis), .name = "sheafline-api"});
            workers = work::workerRecords(redis);
        } catch (const redis::RedisError&) {
            throw HttpError(503, "REDIS_AWAY", "Redis, which knows the workers, does not answer");
        }
    }
    const auto history = parts.readers.take();
    const std::string after = request.query("after").value_or("");
    std::erase_if(workers, [&](const auto& worker) { return worker.name <= after; });
    for (work::WorkerRecord& worker : workers) hideForeign(worker, request.caller, *history);
    request.sendJson(pageJson(
        workers, pageLimit(request),
        [](const work::WorkerRecord& worker) { return work::jsonOf(worker); },
        [](const work::WorkerRecord& worker) { return worker.name; }));
}

}  // namespace

void addWorkRoutes(ApiRoutes& routes, const WorkParts& parts) {
    routes.add(
        "GET", "/api/batches/{id}/sheets/{n}/source",
        {.id = "getSheetSource",
         .access = Access::open,
         .summary = "The file of a sheet as its batch's workers read it, with its SHA-256 as "
                    "ETag; takes a worker's token too",
         .answer = "application/octet-stream",
         .errors = {"UNAUTHORIZED", "FORBIDDEN", "NO_SUCH_BATCH", "NO_SUCH_SHEET", "NO_IMAGE"},
         .options = {.pool = http::Pool::bulk}},
        [&parts](ApiRequest& request) { source(request, parts); });
    routes.add("GET", "/api/workers",
               {.id = "listWorkers",
                .summary = "The workers on all hosts, with state, rate and sheets at work",
                .query = {"limit", "after"},
                .gives = "WorkerList",
                .errors = {"REDIS_AWAY"}},
               [&parts](ApiRequest& request) { list(request, parts); });
}

}  // namespace sheafline::api
