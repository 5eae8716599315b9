// The codes of the class list for a sheet whose code a person types in.
#include <algorithm>

#include <Poco/JSON/Object.h>

#include <sheafline/error.h>

#include "api/bodies/list_page.h"
#include "api/routes/file_routes.h"
#include "api/visible_batch.h"
#include "batches/batch_json.h"
#include "decisions/near_codes.h"

namespace sheafline::api {

namespace {

using http::HttpError;

constexpr std::size_t kMostCodes = 100;
constexpr std::size_t kCodesByDefault = 20;

std::string codeJson(const NearCode& code) {
    Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("code", code.code);
    object.set("student", code.student);
    object.set("name", code.name);
    object.set("class", code.class_name);
    object.set("page", code.page);
    code.edits ? object.set("edits", *code.edits) : object.set("edits", Poco::Dynamic::Var());
    code.sheet > 0 ? object.set("sheet", code.sheet) : object.set("sheet", Poco::Dynamic::Var());
    return compactJson(object);
}

int numberOf(const std::string& text) {
    const bool plain =
        text.size() <= 9 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    return plain ? std::stoi(text) : 0;
}

void codes(ApiRequest& request, const FileParts& parts) {
    const auto history = parts.readers.take();
    const BatchRow batch = visibleBatch(*history, request.caller, request.param("id"));
    const auto sheet = history->sheet(batch.batch_id, numberOf(request.param("n")));
    if (!sheet) throw HttpError(404, "NO_SUCH_SHEET", "the batch has no such sheet");
    const std::string text = request.query("q").value_or(sheet->qr);
    const auto limit = static_cast<std::size_t>(
        std::max<std::uint64_t>(1, request.queryNumber("limit", kCodesByDefault, kMostCodes)));
    try {
        const auto found =
            nearCodes(*history, parts.folder, parts.plugins, batch, sheet->number, text, limit);
        request.sendJson(pageJson(found, found.size(), codeJson,
                                  [](const NearCode& code) { return code.code; }));
    } catch (const Error& error) {
        if (error.code() != "NO_ROSTER") throw;
        throw HttpError(404, "NO_ROSTER", error.what());
    }
}

}  // namespace

void addCodeRoutes(ApiRoutes& routes, const FileParts& parts) {
    routes.add("GET", "/api/batches/{id}/sheets/{n}/codes",
               {.id = "listNearCodes",
                .summary = "The codes of the class list, the ones most like what was read or "
                           "typed first",
                .query = {"q", "limit"},
                .gives = "NearCodeList",
                .errors = {"NO_SUCH_BATCH", "NO_SUCH_SHEET", "NO_ROSTER"},
                .options = {.pool = http::Pool::bulk}},
               [&parts](ApiRequest& request) { codes(request, parts); });
}

}  // namespace sheafline::api
