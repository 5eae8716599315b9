// Another key for a batch that has ended.
#include <array>
#include <utility>

#include <sheafline/error.h>

#include "api/routes/batch_routes.h"
#include "api/routes/reopening.h"
#include "api/visible_batch.h"
#include "batch/apply_change.h"
#include "batch/next_execution.h"
#include "batches/batch_json.h"
#include "decisions/batch_key.h"
#include "decisions/decision_json.h"

namespace sheafline::api {

namespace {

using http::HttpError;

constexpr std::size_t kMostReasonBytes = 1000;

std::string extensionOf(const std::string& type) {
    static constexpr std::array<std::pair<std::string_view, const char*>, 5> kTypes{
        {{"text/csv", "csv"},
         {"application/yaml", "yaml"},
         {"application/x-yaml", "yaml"},
         {"text/yaml", "yaml"},
         {"application/json", "json"}}};
    for (const auto& [name, extension] : kTypes)
        if (type.starts_with(name)) return extension;
    throw HttpError(415, "WRONG_TYPE",
                    "the body is a key; send Content-Type: text/csv, application/yaml or "
                    "application/json");
}

// Without paths of this machine.
[[noreturn]] void rejectKey(const ConfigError& error) {
    http::Problem problem{.status = 422,
                          .code = "INVALID_KEY",
                          .detail = "the key does not fit the batch; nothing was changed"};
    for (const Finding& finding : error.findings())
        problem.errors.push_back({.pointer = "",
                                  .detail = "line " + std::to_string(finding.line) + ", column " +
                                            std::to_string(finding.column) + ": " +
                                            finding.message});
    throw HttpError(std::move(problem));
}

std::string storedKey(ApiRequest& request, const BatchParts& parts, const BatchRow& batch) {
    const std::string extension = extensionOf(request.header("Content-Type"));
    try {
        return storeKey(parts.owner.folder(), parts.owner.plugins(), batch, request.body(),
                        extension);
    } catch (const ConfigError& error) {
        rejectKey(error);
    } catch (const Error& error) {
        if (error.code() == "NO_TEMPLATE") throw HttpError(404, error.code(), error.what());
        if (error.code() == "NO_KEY_OPTION") throw HttpError(409, error.code(), error.what());
        throw;
    }
}

void score(ApiRequest& request, const BatchParts& parts) {
    const std::string& id = request.param("id");
    const BatchRow batch = ownBatch(*parts.readers.take(), request.caller, id);
    KeyOrder order{.user = request.caller.user,
                   .reason = request.query("reason").value_or(""),
                   .replaces = static_cast<int>(request.queryNumber("replace", 0, INT32_MAX))};
    if (order.reason.size() > kMostReasonBytes)
        throw HttpError(400, "BAD_QUERY", "reason has more than 1000 bytes");
    reopening([&] { endedBatch(*parts.readers.take(), id, "scored again"); });
    order.name = storedKey(request, parts, batch);
    try {
        reopening([&] {
            parts.queue.restart([&](HistoryReader& reader) {
                ownBatch(reader, request.caller, id);  // another request may have removed it
                return scoreChange(reader, parts.owner.plugins(), id, keyDecision(order));
            });
        });
    } catch (const DecisionConflict& conflict) {
        http::Problem problem{.status = 409, .code = "DECIDED", .detail = conflict.what()};
        problem.errors.push_back(
            {.pointer = "",
             .detail = conflict.places().front().message,
             .member = "decision",
             .json = compactJson(decisionJson(conflict.places().front().first))});
        throw HttpError(std::move(problem));
    }
    answerState(request, parts, id);
}

}  // namespace

void addScoreRoutes(ApiRoutes& routes, const BatchParts& parts) {
    routes.add("POST", "/api/batches/{id}/score",
               {.id = "scoreBatch",
                .access = Access::changer,
                .summary = "Scores a batch that has ended again with another key, without reading "
                           "a sheet; one decision and its apply",
                .query = {"reason", "replace"},
                .body = "application/yaml",
                .takes = "ScoringKey",
                .gives = "Batch",
                .status = 202,
                .errors = {"NO_SUCH_BATCH", "CANNOT_REOPEN", "DECIDED", "INVALID_KEY",
                           "NO_TEMPLATE", "NO_KEY_OPTION", "WRONG_TYPE"},
                .options = {.body_limit = kMostKeyBytes}},
               [&parts](ApiRequest& request) { score(request, parts); });
}

}  // namespace sheafline::api
