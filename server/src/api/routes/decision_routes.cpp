// What people decide about the sheets of a batch, and the apply that makes it count.
#include <algorithm>
#include <exception>
#include <utility>

#include <Poco/Exception.h>
#include <Poco/JSON/Object.h>

#include <sheafline/error.h>

#include "api/bodies/list_page.h"
#include "api/routes/batch_routes.h"
#include "api/routes/reopening.h"
#include "api/visible_batch.h"
#include "batch/apply_change.h"
#include "batches/batch_json.h"
#include "decisions/decision_check.h"
#include "decisions/decision_desk.h"
#include "decisions/decision_json.h"
#include "history/decisions/decision_reader.h"

namespace sheafline::api {

namespace {

using http::HttpError;

constexpr std::uint64_t kMostBodyBytes = 32U << 20U;

std::string pointerOf(std::size_t index, const std::string& key) {
    return "/" + std::to_string(index) + (key.empty() ? "" : "/" + key);
}

void rejectProblems(const std::vector<DecisionProblem>& problems) {
    if (problems.empty()) return;
    const bool pass = std::ranges::all_of(problems, &DecisionProblem::passes);
    http::Problem problem{
        .status = pass ? 409 : 422,
        .code = pass ? "SHEET_CHANGES" : "INVALID_DECISION",
        .detail = (problems.size() == 1 ? std::string("1 decision is")
                                        : std::to_string(problems.size()) + " decisions are") +
                  " not possible; none of the list was stored"};
    for (const DecisionProblem& found : problems)
        problem.errors.push_back(
            {.pointer = pointerOf(found.index, found.key), .detail = found.detail});
    throw HttpError(std::move(problem));
}

[[noreturn]] void rejectConflict(const DecisionConflict& conflict) {
    http::Problem problem{.status = 409, .code = "DECIDED", .detail = conflict.what()};
    for (const auto& place : conflict.places())
        problem.errors.push_back({.pointer = pointerOf(place.index, ""),
                                  .detail = place.message,
                                  .member = "decision",
                                  .json = compactJson(decisionJson(place.first))});
    throw HttpError(std::move(problem));
}

GivenDecisions decisionsOfBody(ApiRequest& request) {
    if (!request.header("Content-Type").starts_with("application/json"))
        throw HttpError(415, "WRONG_TYPE",
                        "the body must be JSON; send Content-Type: application/json");
    try {
        GivenDecisions given = decisionsOf(request.body());
        if (given.list.size() > kMostDecisions)
            throw HttpError(413, "BODY_TOO_LARGE",
                            "a list has at most " + std::to_string(kMostDecisions) +
                                " decisions; send several lists");
        return given;
    } catch (const Poco::Exception&) {
        throw HttpError(400, "BAD_JSON",
                        "the body is not a JSON array of decisions; check its syntax");
    }
}

void decideAll(ApiRequest& request, const BatchParts& parts) {
    const std::string& id = request.param("id");
    const auto history = parts.readers.take();
    const BatchRow batch = visibleBatch(*history, request.caller, id);
    GivenDecisions given = decisionsOfBody(request);
    rejectProblems(given.problems);
    DecisionCheck check(*history, parts.owner.folder(), parts.owner.plugins(), batch);
    rejectProblems(check.problems(given.list));
    std::vector<Decision> stored;
    try {
        stored =
            decide(parts.owner.history(), *history, id, std::move(given.list), request.caller.user);
    } catch (const DecisionConflict& conflict) {
        rejectConflict(conflict);
    } catch (const Error& error) {
        if (error.code() == "NO_SUCH_BATCH" || error.code() == "NO_SUCH_DECISION")
            throw HttpError(404, error.code(), error.what());
        for (const char* code : {"SHEET_NOT_READ", "NOTHING_TO_UNDO", "CANNOT_DECIDE"})
            if (error.code() == code) throw HttpError(409, code, error.what());
        throw;
    }
    request.sendJson(
        pageJson(
            stored, stored.size(),
            [](const Decision& decision) { return compactJson(decisionJson(decision)); },
            [](const Decision& decision) { return std::to_string(decision.id); }),
        201);
}

void listDecisions(ApiRequest& request, const BatchParts& parts) {
    const std::string& id = request.param("id");
    const auto history = parts.readers.take();
    visibleBatch(*history, request.caller, id);
    const std::size_t limit = pageLimit(request);
    DecisionFilter filter{.after = static_cast<int>(request.queryNumber("after", 0, INT32_MAX)),
                          .limit = static_cast<int>(limit) + 1};
    if (request.query("sheet"))
        filter.sheet = static_cast<int>(request.queryNumber("sheet", 0, INT32_MAX));
    if (const auto state = request.query("state")) {
        try {
            filter.state = decisionState(*state);
        } catch (const Error&) {
            throw HttpError(400, "BAD_QUERY", "'" + *state + "' is not a state of a decision");
        }
    }
    request.sendJson(pageJson(
        DecisionReader(history->database()).list(id, filter), limit,
        [](const Decision& decision) { return compactJson(decisionJson(decision)); },
        [](const Decision& decision) { return std::to_string(decision.id); }));
}

void decisionRules(ApiRequest& request, const BatchParts& parts) {
    const auto history = parts.readers.take();
    const BatchRow batch = visibleBatch(*history, request.caller, request.param("id"));
    const DecisionCheck check(*history, parts.owner.folder(), parts.owner.plugins(), batch);
    Poco::JSON::Object rules;
    if (!check.codePattern().empty()) rules.set("code_pattern", check.codePattern());
    request.sendJson(compactJson(rules));
}

void apply(ApiRequest& request, const BatchParts& parts) {
    const std::string& id = request.param("id");
    visibleBatch(*parts.readers.take(), request.caller, id);
    reopening([&] {
        parts.queue.restart([&](HistoryReader& reader) {
            visibleBatch(reader, request.caller, id);  // another request may have removed it
            return applyChange(reader, parts.owner.plugins(), id);
        });
    });
    answerState(request, parts, id);
}

}  // namespace

void addDecisionRoutes(ApiRoutes& routes, const BatchParts& parts) {
    routes.add("POST", "/api/batches/{id}/decisions",
               {.id = "decide",
                .access = Access::decider,
                .summary = "Decides about answers and sheets, all of the list or nothing; "
                           "decisions wait for an apply",
                .body = "application/json",
                .takes = "NewDecisions",
                .gives = "DecisionList",
                .status = 201,
                .errors = {"NO_SUCH_BATCH", "NO_SUCH_DECISION", "DECIDED", "SHEET_NOT_READ",
                           "SHEET_CHANGES", "NOTHING_TO_UNDO", "CANNOT_DECIDE", "WRONG_TYPE",
                           "BAD_JSON", "INVALID_DECISION"},
                .options = {.body_limit = kMostBodyBytes}},
               [&parts](ApiRequest& request) { decideAll(request, parts); });
    routes.add("GET", "/api/batches/{id}/decisions",
               {.id = "listDecisions",
                .summary = "What people decided about a batch, the first decision first",
                .query = {"state", "sheet", "limit", "after"},
                .gives = "DecisionList",
                .errors = {"NO_SUCH_BATCH"}},
               [&parts](ApiRequest& request) { listDecisions(request, parts); });
    routes.add("GET", "/api/batches/{id}/decisions/rules",
               {.id = "getDecisionRules",
                .summary = "What a decision must fit",
                .gives = "DecisionRules",
                .errors = {"NO_SUCH_BATCH"}},
               [&parts](ApiRequest& request) { decisionRules(request, parts); });
    routes.add("POST", "/api/batches/{id}/decisions/apply",
               {.id = "applyDecisions",
                .access = Access::decider,
                .summary = "Makes the pending decisions count: only what they change is done again",
                .gives = "Batch",
                .status = 202,
                .errors = {"NO_SUCH_BATCH", "CANNOT_REOPEN"}},
               [&parts](ApiRequest& request) { apply(request, parts); });
}

}  // namespace sheafline::api
