// The sheets of a batch, and the image of each.
#include <algorithm>
#include <optional>

#include <Poco/JSON/Object.h>
#include <Poco/Net/HTTPServerResponse.h>

#include <sheafline/error.h>
#include <sheafline/sheets/load_template.h>
#include <sheafline/sheets/overlay_places.h>

#include "api/bodies/list_page.h"
#include "api/routes/file_routes.h"
#include "api/visible_batch.h"
#include "batches/batch_json.h"
#include "batches/results/places_json.h"
#include "pictures/picture_desk.h"

namespace sheafline::api {

namespace {

using http::HttpError;

constexpr std::uint64_t kMostRows = 20;

int sheetNumber(ApiRequest& request) {
    const std::string& text = request.param("n");
    const bool plain = text.size() <= 9 && std::all_of(text.begin(), text.end(),
                                                       [](char c) { return c >= '0' && c <= '9'; });
    return plain ? std::stoi(text) : 0;
}

Sheet visibleSheet(ApiRequest& request, HistoryReader& history) {
    const std::string& id = request.param("id");
    visibleBatch(history, request.caller, id);
    const auto sheet = history.sheet(id, sheetNumber(request));
    if (!sheet) throw HttpError(404, "NO_SUCH_SHEET", "the batch has no such sheet");
    return *sheet;
}

bool flagParam(ApiRequest& request, const char* name) {
    const std::string value = request.query(name).value_or("0");
    if (value != "0" && value != "1")
        throw HttpError(400, "BAD_QUERY", "'" + std::string(name) + "' must be 0 or 1");
    return value == "1";
}

// Null if the batch was read by a program that did not store the places, or its template can no
// longer be read.
Poco::Dynamic::Var placesOf(const BatchRow& batch, const Sheet& sheet, const Reading& reading,
                            const FileParts& parts) {
    try {
        const PictureOrder order = overlayOrder(parts.folder, parts.plugins, batch, sheet);
        const auto places =
            sheets::overlayPlaces(reading.evidence, sheets::loadTemplate(order.template_file));
        return places ? Poco::Dynamic::Var(placesJson(*places)) : Poco::Dynamic::Var();
    } catch (const ConfigError&) {
        return {};
    } catch (const Error&) {
        return {};
    }
}

void list(ApiRequest& request, const FileParts& parts) {
    const auto history = parts.readers.take();
    const std::string& id = request.param("id");
    visibleBatch(*history, request.caller, id);
    const std::size_t limit = pageLimit(request);
    const auto after = static_cast<int>(request.queryNumber("after", 0, INT32_MAX));
    std::optional<SheetState> state;
    if (const auto name = request.query("state")) {
        try {
            state = sheetState(*name);
        } catch (const Error&) {
            throw HttpError(400, "BAD_QUERY", "'" + *name + "' is not a state of a sheet");
        }
    }
    request.sendJson(pageJson(
        history->sheetsAfter(id, after, state, static_cast<int>(limit) + 1), limit,
        [](const Sheet& sheet) { return compactJson(sheetJson(sheet)); },
        [](const Sheet& sheet) { return std::to_string(sheet.number); }));
}

// The entries of the archive that are not sheets.
void entries(ApiRequest& request, const FileParts& parts) {
    const auto history = parts.readers.take();
    const std::string& id = request.param("id");
    visibleBatch(*history, request.caller, id);
    if (request.query("state").value_or("ignored") != "ignored")
        throw HttpError(400, "BAD_QUERY",
                        "'state' must be ignored; GET …/sheets lists the other entries");
    const std::size_t limit = pageLimit(request);
    const auto after = static_cast<std::int64_t>(request.queryNumber("after", 0, INT64_MAX));
    request.sendJson(pageJson(
        history->ignored(id, after, static_cast<int>(limit) + 1), limit,
        [](const SkippedEntry& entry) { return compactJson(entryJson(entry)); },
        [](const SkippedEntry& entry) { return std::to_string(entry.row_id); }));
}

void detail(ApiRequest& request, const FileParts& parts) {
    const auto history = parts.readers.take();
    const std::string& id = request.param("id");
    const Sheet sheet = visibleSheet(request, *history);
    auto object = sheetJson(sheet);
    object.set("image_url",
               "/api/batches/" + id + "/sheets/" + std::to_string(sheet.number) + "/image");
    object.set("reading", Poco::Dynamic::Var());
    if (const auto reading = history->reading(id, sheet.number)) {
        const BatchRow batch = visibleBatch(*history, request.caller, id);
        const auto& columns = batch.columns;
        Poco::JSON::Object values(Poco::JSON_PRESERVE_KEY_ORDER);
        for (std::size_t i = 0; i < std::min(columns.size(), reading->values.size()); ++i)
            values.set(columns[i], reading->values[i]);
        Poco::JSON::Object shown(Poco::JSON_PRESERVE_KEY_ORDER);
        shown.set("values", values);
        shown.set("flags", reading->flags);
        shown.set("confidence", reading->confidence);
        if (flagParam(request, "places"))
            shown.set("places", placesOf(batch, sheet, *reading, parts));
        object.set("reading", shown);
    }
    request.sendJson(compactJson(object));
}

PictureOrder wantedPicture(ApiRequest& request, const FileParts& parts) {
    const auto history = parts.readers.take();
    const Sheet sheet = visibleSheet(request, *history);
    const BatchRow batch = visibleBatch(*history, request.caller, request.param("id"));
    const bool overlay = flagParam(request, "overlay");
    const auto field = request.query("field");
    const std::uint64_t rows = request.queryNumber("rows", 0, kMostRows);
    if (rows > 0 && !field) throw HttpError(400, "BAD_QUERY", "'rows' requires 'field'");
    if (!field && !overlay) return originalOrder(parts.folder, batch.batch_id, sheet);
    PictureOrder order = overlayOrder(parts.folder, parts.plugins, batch, sheet);
    if (!field) return order;
    order.kind = PictureKind::field;
    order.field = *field;
    order.rows = static_cast<int>(rows);
    return order;
}

void image(ApiRequest& request, const FileParts& parts) {
    try {
        const SheetPicture picture = parts.pictures.picture(
            wantedPicture(request, parts), [&] { return !request.call().clientLeft(); });
        request.response().set("Cache-Control", "private, max-age=300");
        request.sendText(picture.bytes, picture.media_type);
    } catch (const Error& error) {
        for (const char* code : {"NO_IMAGE", "NO_TEMPLATE", "NO_SUCH_FIELD"})
            if (error.code() == code) throw HttpError(404, code, error.what());
        if (error.code() == "CLIENT_GONE") throw HttpError(400, "TRUNCATED", error.what());
        throw;
    }
}

}  // namespace

void addSheetRoutes(ApiRoutes& routes, const FileParts& parts) {
    routes.add("GET", "/api/batches/{id}/sheets",
               {.id = "listSheets",
                .summary = "The sheets, in the order of their numbers",
                .query = {"state", "limit", "after"},
                .gives = "SheetList",
                .errors = {"NO_SUCH_BATCH"}},
               [&parts](ApiRequest& request) { list(request, parts); });
    routes.add("GET", "/api/batches/{id}/entries",
               {.id = "listEntries",
                .summary = "The entries of the archive that are ignored, each with the reason",
                .query = {"state", "limit", "after"},
                .gives = "EntryList",
                .errors = {"NO_SUCH_BATCH"}},
               [&parts](ApiRequest& request) { entries(request, parts); });
    routes.add("GET", "/api/batches/{id}/sheets/{n}",
               {.id = "getSheet",
                .summary = "One sheet with what was read; with `places=1` also where on its image "
                           "the bubbles are",
                .query = {"places"},
                .gives = "SheetDetail",
                .errors = {"NO_SUCH_BATCH", "NO_SUCH_SHEET"}},
               [&parts](ApiRequest& request) { detail(request, parts); });
    routes.add(
        "GET", "/api/batches/{id}/sheets/{n}/image",
        {.id = "getSheetImage",
         .summary = "The image of a sheet as it was sent; with `overlay=1` as a PNG with "
                    "what was read drawn over it; with `field=NAME` a PNG of that field "
                    "or column alone, with `rows=N` also of the N rows above and below it; "
                    "or an image that the template names",
         .query = {"overlay", "field", "rows"},
         .answer = "image/*",
         .errors = {"NO_SUCH_BATCH", "NO_SUCH_SHEET", "NO_IMAGE", "NO_TEMPLATE", "NO_SUCH_FIELD"},
         .options = {.pool = http::Pool::bulk}},
        [&parts](ApiRequest& request) { image(request, parts); });
}

}  // namespace sheafline::api
