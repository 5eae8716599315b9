#include "api/routes/batch_routes.h"

#include <charconv>

#include <Poco/JSON/Object.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/URI.h>

#include <sheafline/error.h>

#include "api/bodies/batch_order.h"
#include "api/bodies/list_page.h"
#include "api/routes/reopening.h"
#include "api/visible_batch.h"
#include "base/units.h"
#include "batch/next_execution.h"
#include "batch/params/param_files.h"
#include "batches/batch_json.h"
#include "batches/list/listed_batch.h"
#include "decisions/decision_check.h"

namespace sheafline::api {

namespace {

using http::HttpError;

Poco::JSON::Object objectOf(const BatchRow& batch, const BatchParts& parts) {
    auto object = batchJson(batch, shownState(batch, parts.owner.identity().id));
    object.set("user", batch.user);
    return object;
}

BatchSort sortOf(ApiRequest& request) {
    const std::string sort = request.query("sort").value_or("newest");
    if (sort == "newest") return BatchSort::newest;
    if (sort == "oldest") return BatchSort::oldest;
    if (sort == "name") return BatchSort::by_name;
    throw HttpError(400, "BAD_QUERY", "'sort' must be newest, oldest or name");
}

// A cursor is CREATED-ROWID, followed by -NAME where names decide, percent-encoded.
std::string cursorOf(const BatchRow& batch, BatchSort sort) {
    std::string cursor = std::to_string(batch.created_ms) + '-' + std::to_string(batch.row_id);
    if (sort != BatchSort::by_name) return cursor;
    std::string name;
    Poco::URI::encode(batch.name, "/?#&+=:;,", name);
    return cursor + '-' + name;
}

BatchPlace placeOf(const std::string& cursor, BatchSort sort) {
    BatchPlace place;
    const char* end = cursor.data() + cursor.size();
    const auto first = std::from_chars(cursor.data(), end, place.created_ms);
    bool valid = first.ec == std::errc() && first.ptr != end && *first.ptr == '-';
    if (valid) {
        const auto second = std::from_chars(first.ptr + 1, end, place.row_id);
        valid = second.ec == std::errc();
        if (sort != BatchSort::by_name) {
            valid = valid && second.ptr == end;
        } else if (valid && second.ptr != end && *second.ptr == '-') {
            Poco::URI::decode(std::string(second.ptr + 1, end), place.name);
        } else {
            valid = false;
        }
    }
    if (!valid) throw HttpError(400, "BAD_QUERY", "'after' is not a cursor of this list");
    return place;
}

BatchState stateNamed(const std::string& name) {
    try {
        return batchState(name);
    } catch (const Error&) {
        throw HttpError(400, "BAD_QUERY", "'" + name + "' is not a state of a batch");
    }
}

void list(ApiRequest& request, const BatchParts& parts) {
    const std::size_t limit = pageLimit(request);
    BatchFilter filter{.pipeline = request.query("pipeline"),
                       .text = request.query("q").value_or(""),
                       .limit = static_cast<int>(limit) + 1};
    if (!request.caller.sees_all) filter.user = request.caller.user;
    if (const auto state = request.query("state")) filter.state = stateNamed(*state);
    filter.sort = sortOf(request);
    if (const auto after = request.query("after")) filter.after = placeOf(*after, filter.sort);
    const auto history = parts.readers.take();
    const std::string& owner_id = parts.owner.identity().id;
    request.sendJson(pageJson(
        history->batches(filter), limit,
        [&](const BatchRow& batch) { return listedBatch(batch, owner_id, *history); },
        [&](const BatchRow& batch) { return cursorOf(batch, filter.sort); }));
}

void detail(ApiRequest& request, const BatchParts& parts) {
    const auto history = parts.readers.take();
    const BatchRow batch = visibleBatch(*history, request.caller, request.param("id"));
    auto object = objectOf(batch, parts);
    object.set("files", filesJson(filesOf(batch, parts.owner.folder()), batch.batch_id));
    request.sendJson(compactJson(object));
}

void cancel(ApiRequest& request, const BatchParts& parts) {
    const std::string& id = request.param("id");
    const BatchRow batch = ownBatch(*parts.readers.take(), request.caller, id);
    if (isFinal(batch.state))
        throw HttpError(409, "BATCH_ENDED",
                        "the batch is " + std::string(toString(batch.state)) + " already");
    if (batch.state != BatchState::cancelling) {
        const std::string why = parts.queue.cancel(id);
        if (!why.empty()) throw HttpError(409, "CANNOT_CANCEL", why);
        if (batch.state == BatchState::uploading) parts.uploads.store().remove(id, batch.user);
    }
    answerState(request, parts, id);
}

// A failed batch continues at its failed stage in its next execution, an interrupted one in the
// current execution.
void retry(ApiRequest& request, const BatchParts& parts) {
    const std::string& id = request.param("id");
    const auto history = parts.readers.take();
    const BatchRow batch = ownBatch(*history, request.caller, id);
    reopening([&] {
        if (batch.state == BatchState::interrupted) return parts.queue.resume(id);
        parts.queue.restart([&](HistoryReader& reader) {
            ownBatch(reader, request.caller, id);  // another request may have removed it
            return retryChange(reader, parts.owner.plugins(), id);
        });
    });
    answerState(request, parts, id);
}

void requireFittingCode(HistoryReader& history, const BatchParts& parts, const BatchRow& batch,
                        const std::string& code) {
    const DecisionCheck check(history, parts.owner.folder(), parts.owner.plugins(), batch);
    const auto problem = check.codeProblem(code);
    if (!problem) return;
    throw HttpError(http::Problem{.status = 422,
                                  .code = "INVALID_DECISION",
                                  .detail = problem->detail,
                                  .errors = {{.pointer = "/qr", .detail = problem->detail}}});
}

// {"qr": "…"} or {"discard": true}
void fix(ApiRequest& request, const BatchParts& parts) {
    const std::string& id = request.param("id");
    const auto history = parts.readers.take();
    const BatchRow batch = visibleBatch(*history, request.caller, id);
    const auto number = parseInteger(request.param("n")).value_or(0);
    if (number < 1 || number > INT32_MAX || !history->sheet(id, static_cast<int>(number)))
        throw HttpError(404, "NO_SUCH_SHEET", "the batch has no such sheet");
    const auto json = request.json({"qr", "discard"});
    SheetFix fix{.sheet = static_cast<int>(number), .user = request.caller.user};
    if (json->has("qr") && json->get("qr").isString()) fix.qr = json->getValue<std::string>("qr");
    const bool discard =
        json->has("discard") && json->get("discard").isBoolean() && json->getValue<bool>("discard");
    if (fix.qr.has_value() == discard)
        throw HttpError(422, "INVALID_FIELD", "either a text 'qr' or 'discard': true is required");
    if (fix.qr) requireFittingCode(*history, parts, batch, *fix.qr);
    reopening([&] {
        parts.queue.restart([&](HistoryReader& reader) {
            visibleBatch(reader, request.caller, id);
            return fixChange(reader, parts.owner.plugins(), id, fix);
        });
    });
    answerState(request, parts, id);
}

void remove(ApiRequest& request, const BatchParts& parts) {
    const std::string& id = request.param("id");
    ownBatch(*parts.readers.take(), request.caller, id);
    try {
        parts.queue.remove(id);
    } catch (const Error& error) {
        if (error.code() == "NO_SUCH_BATCH") throw HttpError(404, "NO_SUCH_BATCH", error.what());
        if (error.code() == "BATCH_RUNS") throw HttpError(409, "BATCH_RUNS", error.what());
        throw;
    }
    request.sendNothing();
}

}  // namespace

// {"name": "…", "labels": {…}}: what people call the batch.
void rename(ApiRequest& request, const BatchParts& parts) {
    const std::string& id = request.param("id");
    ownBatch(*parts.readers.take(), request.caller, id);
    const NewTitle title = titleChangeOf(*request.json({"name", "labels"}));
    try {
        parts.owner.history().commit({.batch_id = id, .title = title});
    } catch (const Error& error) {
        if (error.code() == "NO_SUCH_BATCH") throw HttpError(404, "NO_SUCH_BATCH", error.what());
        throw;
    }
    detail(request, parts);
}

void answerState(ApiRequest& request, const BatchParts& parts, const std::string& batch_id) {
    const auto history = parts.readers.take();
    request.sendJson(compactJson(objectOf(visibleBatch(*history, request.caller, batch_id), parts)),
                     202);
}

void addBatchRoutes(ApiRoutes& routes, const BatchParts& parts) {
    routes.add("GET", "/api/batches",
               {.id = "listBatches",
                .summary = "Your batches and those shared with you, the newest first; an "
                           "admin's list has everybody's",
                .query = {"state", "pipeline", "q", "sort", "limit", "after"},
                .gives = "BatchList"},
               [&parts](ApiRequest& request) { list(request, parts); });
    routes.add(
        "GET", "/api/batches/{id}",
        {.id = "getBatch", .summary = "One batch", .gives = "Batch", .errors = {"NO_SUCH_BATCH"}},
        [&parts](ApiRequest& request) { detail(request, parts); });
    routes.add("PATCH", "/api/batches/{id}",
               {.id = "changeBatch",
                .access = Access::changer,
                .summary = "Changes the name of a batch, or its labels",
                .body = "application/json",
                .takes = "BatchChange",
                .gives = "Batch",
                .errors = {"NO_SUCH_BATCH", "WRONG_TYPE", "BAD_JSON", "INVALID_FIELD"}},
               [&parts](ApiRequest& request) { rename(request, parts); });
    routes.add("DELETE", "/api/batches/{id}",
               {.id = "removeBatch",
                .access = Access::changer,
                .summary = "Removes an ended batch with all of its files",
                .answer = "",
                .status = 204,
                .errors = {"NO_SUCH_BATCH", "BATCH_RUNS"}},
               [&parts](ApiRequest& request) { remove(request, parts); });
    routes.add("POST", "/api/batches/{id}/cancel",
               {.id = "cancelBatch",
                .access = Access::changer,
                .summary = "Cancels a batch: its stages stop, cleanup runs",
                .gives = "Batch",
                .status = 202,
                .errors = {"NO_SUCH_BATCH", "BATCH_ENDED", "CANNOT_CANCEL"}},
               [&parts](ApiRequest& request) { cancel(request, parts); });
    routes.add("POST", "/api/batches/{id}/retry",
               {.id = "retryBatch",
                .access = Access::changer,
                .summary = "Goes on with a batch that stopped",
                .gives = "Batch",
                .status = 202,
                .errors = {"NO_SUCH_BATCH", "CANNOT_REOPEN"}},
               [&parts](ApiRequest& request) { retry(request, parts); });
    routes.add(
        "POST", "/api/batches/{id}/sheets/{n}/fix",
        {.id = "fixSheet",
         .access = Access::decider,
         .summary = R"(Decides about a quarantined sheet: {"qr": CODE} or {"discard": true})",
         .body = "application/json",
         .takes = "SheetFix",
         .gives = "Batch",
         .status = 202,
         .errors = {"NO_SUCH_BATCH", "NO_SUCH_SHEET", "CANNOT_REOPEN", "WRONG_TYPE", "BAD_JSON",
                    "INVALID_FIELD", "INVALID_DECISION"}},
        [&parts](ApiRequest& request) { fix(request, parts); });
}

}  // namespace sheafline::api
