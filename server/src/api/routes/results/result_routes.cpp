// What a batch found about its class list, and the batch as one ZIP.
#include <Poco/Net/HTTPServerResponse.h>

#include <sheafline/error.h>

#include "api/bodies/list_page.h"
#include "api/routes/file_routes.h"
#include "api/visible_batch.h"
#include "batches/batch_json.h"
#include "batches/results/bundle.h"
#include "batches/results/roster_findings.h"

namespace sheafline::api {

namespace {

using http::HttpError;

void findings(ApiRequest& request, const FileParts& parts) {
    const std::string& id = request.param("id");
    const auto history = parts.readers.take();
    visibleBatch(*history, request.caller, id);
    const std::size_t limit = pageLimit(request);
    const auto after = static_cast<int>(request.queryNumber("after", 0, INT32_MAX));
    const auto problem = request.query("problem");
    auto rows = readRosterFindings(parts.folder, *history, id);
    std::erase_if(rows, [&](const RosterFindingRow& row) {
        return row.id <= after || (problem && row.problem != *problem);
    });
    request.sendJson(pageJson(
        rows, limit, [](const RosterFindingRow& row) { return compactJson(findingJson(row)); },
        [](const RosterFindingRow& row) { return std::to_string(row.id); }));
}

bool wantsPictures(ApiRequest& request) {
    const std::string pictures = request.query("pictures").value_or("1");
    if (pictures == "0" || pictures == "1") return pictures == "1";
    throw HttpError(400, "BAD_QUERY", "'pictures' must be 0 or 1");
}

void bundle(ApiRequest& request, const FileParts& parts) {
    const std::string& id = request.param("id");
    const bool pictures = wantsPictures(request);
    const auto history = parts.readers.take();
    const BatchRow batch = visibleBatch(*history, request.caller, id);
    if (!isFinal(batch.state) && batch.state != BatchState::reviewing)
        throw HttpError(409, "BATCH_RUNS", "the batch has not ended; its files are not complete");
    const auto wanted = [&] { return !request.call().clientLeft(); };
    auto& response = request.response();
    response.set("Content-Disposition", "attachment; filename=\"" + id + ".zip\"");
    response.set("Cache-Control", "private, no-cache");
    response.setContentType("application/zip");
    response.setChunkedTransferEncoding(true);
    std::ostream& out = response.send();
    if (request.call().head.method == "HEAD") return;
    BundleParts bundle{
        .folder = parts.folder, .plugins = parts.plugins, .history = *history, .wanted = [&] {
            return wanted() && out.good();
        }};
    if (pictures)
        bundle.draw = [&](const PictureOrder& order) {
            return parts.pictures.picture(order, wanted);
        };
    writeBundle(out, batch, bundle);
}

}  // namespace

void addResultRoutes(ApiRoutes& routes, const FileParts& parts) {
    routes.add("GET", "/api/batches/{id}/findings",
               {.id = "listFindings",
                .summary = "What is wrong with the sheets of a batch, compared with its roster",
                .query = {"problem", "limit", "after"},
                .gives = "FindingList",
                .errors = {"NO_SUCH_BATCH"}},
               [&parts](ApiRequest& request) { findings(request, parts); });
    routes.add(
        "GET", "/api/batches/{id}/bundle",
        {.id = "getBundle",
         .summary = "Results, decisions, findings, report and pictures of a batch as one ZIP",
         .query = {"pictures"},
         .answer = "application/zip",
         .errors = {"NO_SUCH_BATCH", "BATCH_RUNS"},
         .options = {.pool = http::Pool::bulk}},
        [&parts](ApiRequest& request) { bundle(request, parts); });
}

}  // namespace sheafline::api
