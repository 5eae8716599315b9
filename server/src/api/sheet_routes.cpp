// The sheets of a batch, and the image of each: from where it was extracted, and once that is
// cleaned up, from the archive.
#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>

#include <Poco/Exception.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/StreamCopier.h>
#include <Poco/Zip/ZipArchive.h>
#include <Poco/Zip/ZipStream.h>

#include <sheafline/error.h>

#include "api/file_routes.h"
#include "api/list_page.h"
#include "api/visible_batch.h"
#include "batch_json.h"

namespace sheafline::api {

namespace {

using http::HttpError;

constexpr std::uintmax_t kMaxImageBytes = std::uintmax_t{64} << 20U;

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
            throw HttpError(400, "BAD_QUERY", "'" + *name + "' is no state of a sheet");
        }
    }
    request.sendJson(pageJson(
        history->sheetsAfter(id, after, state, static_cast<int>(limit) + 1), limit,
        [](const Sheet& sheet) { return compactJson(sheetJson(sheet)); },
        [](const Sheet& sheet) { return std::to_string(sheet.number); }));
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
        const auto columns = history->batch(id).value().columns;
        Poco::JSON::Object values(Poco::JSON_PRESERVE_KEY_ORDER);
        for (std::size_t i = 0; i < std::min(columns.size(), reading->values.size()); ++i)
            values.set(columns[i], reading->values[i]);
        Poco::JSON::Object shown(Poco::JSON_PRESERVE_KEY_ORDER);
        shown.set("values", values);
        shown.set("flags", reading->flags);
        shown.set("confidence", reading->confidence);
        object.set("reading", shown);
    }
    request.sendJson(compactJson(object));
}

std::string mediaTypeOf(std::string_view bytes) {
    if (bytes.starts_with("\xff\xd8\xff")) return "image/jpeg";
    if (bytes.starts_with("\x89PNG\r\n")) return "image/png";
    if (bytes.starts_with("II*") || bytes.starts_with("MM")) return "image/tiff";
    return "application/octet-stream";
}

std::string fileBytes(const std::filesystem::path& file) {
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    if (error || size > kMaxImageBytes) return {};
    std::ostringstream bytes;
    bytes << std::ifstream(file, std::ios::binary).rdbuf();
    return bytes.str();
}

std::string entryBytes(const std::filesystem::path& archive, const std::string& entry) {
    std::ifstream in(archive, std::ios::binary);
    if (!in) return {};
    try {
        const Poco::Zip::ZipArchive zip(in);
        const auto header = zip.findHeader(entry);
        if (header == zip.headerEnd() || header->second.getUncompressedSize() > kMaxImageBytes)
            return {};
        in.clear();
        Poco::Zip::ZipInputStream stream(in, header->second);
        std::string bytes;
        Poco::StreamCopier::copyToString(stream, bytes);
        return bytes;
    } catch (const Poco::Exception&) {
        return {};  // extract took it, but Poco does not: there is no image to show then
    }
}

void image(ApiRequest& request, const FileParts& parts) {
    const Sheet sheet = visibleSheet(request, *parts.readers.take());
    std::string bytes = sheet.path.empty() ? std::string() : fileBytes(sheet.path);
    if (bytes.empty())
        bytes = entryBytes(parts.folder.batch(request.param("id")) / "archive.zip", sheet.file);
    if (bytes.empty()) throw HttpError(404, "NO_IMAGE", "the image of the sheet is no more");
    request.response().set("Cache-Control", "private, max-age=300");
    request.sendText(bytes, mediaTypeOf(bytes));
}

}  // namespace

void addSheetRoutes(ApiRoutes& routes, const FileParts& parts) {
    routes.add("GET", "/api/batches/{id}/sheets",
               {.summary = "The sheets, in the order of their numbers",
                .query = {"state", "limit", "after"},
                .errors = {"NO_SUCH_BATCH"}},
               [&parts](ApiRequest& request) { list(request, parts); });
    routes.add(
        "GET", "/api/batches/{id}/sheets/{n}",
        {.summary = "One sheet with what was read", .errors = {"NO_SUCH_BATCH", "NO_SUCH_SHEET"}},
        [&parts](ApiRequest& request) { detail(request, parts); });
    routes.add("GET", "/api/batches/{id}/sheets/{n}/image",
               {.summary = "The image of a sheet as it was sent",
                .answer = "image/*",
                .errors = {"NO_SUCH_BATCH", "NO_SUCH_SHEET", "NO_IMAGE"},
                .options = {.pool = http::Pool::bulk}},
               [&parts](ApiRequest& request) { image(request, parts); });
}

}  // namespace sheafline::api
