// With whom a batch is shared, besides its owner and the admins.
#include <sheafline/error.h>

#include "api/bodies/text_fields.h"
#include "api/routes/batch_routes.h"
#include "api/visible_batch.h"
#include "batches/batch_json.h"
#include "decisions/share_json.h"
#include "history/shares/share_rows.h"

namespace sheafline::api {

namespace {

using http::HttpError;

// In the form in which the users sign in.
void useNamesOf(AccountStore& accounts, Shares& shares) {
    for (std::size_t i = 0; i < shares.users.size(); ++i) {
        const auto known = accounts.credentials(shares.users[i]);
        if (!known)
            throw wrongField("users/" + std::to_string(i),
                             "there is no user '" + shares.users[i] + "'; check the name");
        shares.users[i] = known->user.name;
    }
}

Shares sharesInBody(ApiRequest& request, AccountStore& accounts) {
    try {
        Shares shares = sharesOf(*request.json({"users", "everybody"}));
        useNamesOf(accounts, shares);
        return shares;
    } catch (const InvalidShares& error) {
        throw wrongField(error.place(), error.what());
    }
}

void answerShares(ApiRequest& request, HistoryReader& history) {
    const BatchRow batch = ownBatch(history, request.caller, request.param("id"));
    request.sendJson(compactJson(sharesJson(ShareReader(history.database()).of(batch.batch_id))));
}

void replace(ApiRequest& request, const BatchParts& parts, AccountStore& accounts) {
    const std::string& id = request.param("id");
    const auto history = parts.readers.take();
    ownBatch(*history, request.caller, id);
    Shares shares = sharesInBody(request, accounts);
    request.audit.detail = "with " + sharesText(shares);
    try {
        parts.owner.history().commit(
            {.batch_id = id,
             .shares = NewShares{.shares = std::move(shares), .by = request.caller.user}});
    } catch (const Error& error) {
        if (error.code() == "NO_SUCH_BATCH") throw HttpError(404, "NO_SUCH_BATCH", error.what());
        throw;
    }
    answerShares(request, *history);
}

}  // namespace

void addShareRoutes(ApiRoutes& routes, const BatchParts& parts, AccountStore& accounts) {
    routes.add("GET", "/api/batches/{id}/shares",
               {.id = "getShares",
                .summary = "With whom a batch is shared; for its owner and admins",
                .gives = "Shares",
                .errors = {"NO_SUCH_BATCH"}},
               [&parts](ApiRequest& request) { answerShares(request, *parts.readers.take()); });
    routes.add("PUT", "/api/batches/{id}/shares",
               {.id = "putShares",
                .access = Access::changer,
                .summary = "Shares a batch with these users, or with everybody, and with no others",
                .body = "application/json",
                .takes = "Shares",
                .gives = "Shares",
                .errors = {"NO_SUCH_BATCH", "WRONG_TYPE", "BAD_JSON", "INVALID_FIELD"}},
               [&parts, &accounts](ApiRequest& request) { replace(request, parts, accounts); });
}

}  // namespace sheafline::api
