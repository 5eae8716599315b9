#include "api/routes/file_routes.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <system_error>

#include <Poco/Net/HTTPServerResponse.h>

#include <sheafline/error.h>

#include "api/bodies/byte_range.h"
#include "api/visible_batch.h"
#include "batch/params/param_files.h"
#include "history/reading/artifact_file.h"

namespace sheafline::api {

namespace {

using http::HttpError;

constexpr const char* kBytes = "application/octet-stream";

// Encodes any name safely for a header (RFC 6266).
std::string attachment(const std::string& name) {
    constexpr std::string_view kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : name) {
        if (kPlain.find(c) != std::string_view::npos) {
            encoded += c;
        } else {
            encoded += '%';
            encoded += kHex[static_cast<unsigned char>(c) >> 4U];
            encoded += kHex[static_cast<unsigned char>(c) & 15U];
        }
    }
    return "attachment; filename*=UTF-8''" + encoded;
}

void copyRange(std::ifstream& file, const ByteRange& range, std::ostream& out) {
    std::array<char, 65536> block;
    file.seekg(static_cast<std::streamoff>(range.first));
    for (std::uint64_t left = range.length; left > 0;) {
        const auto size = static_cast<std::streamsize>(std::min<std::uint64_t>(left, block.size()));
        if (!file.read(block.data(), size)) return;  // the front detects the missing bytes
        out.write(block.data(), size);
        left -= static_cast<std::uint64_t>(size);
    }
}

void sendFile(ApiRequest& request, const ArtifactRow& artifact, const std::filesystem::path& path,
              const std::string& type) {
    std::ifstream file(path, std::ios::binary);
    if (!file && errno != ENOENT) throwSystemError(errno, "cannot open an artifact");
    if (!file)
        throw HttpError(410, "ARTIFACT_GONE",
                        "the file was removed from the server's disk; retry the batch to make it "
                        "again");
    auto& response = request.response();
    const std::string tag = '"' + artifact.sha256 + '"';
    response.set("ETag", tag);
    response.set("Accept-Ranges", "bytes");
    response.set("Cache-Control", "private, no-cache");
    if (request.header("If-None-Match") == tag) return request.sendNothing(304);
    response.set("Content-Disposition", attachment(artifact.name));
    response.setContentType(type);
    const std::string if_range = request.header("If-Range");
    const bool may_range = if_range.empty() || if_range == tag;
    RangeAnswer answer =
        may_range ? rangeOf(request.header("Range"), artifact.size_bytes) : RangeAnswer{};
    const std::string size = std::to_string(artifact.size_bytes);
    if (answer.kind == RangeKind::unsatisfiable) {
        throw HttpError(http::Problem{.status = 416,
                                      .code = "RANGE",
                                      .detail = "the file has " + size + " bytes",
                                      .fields = {{"Content-Range", "bytes */" + size}}});
    }
    if (answer.kind == RangeKind::part) {
        response.setStatusAndReason(Poco::Net::HTTPResponse::HTTP_PARTIAL_CONTENT);
        const std::uint64_t last = answer.range.first + answer.range.length - 1;
        response.set("Content-Range", "bytes " + std::to_string(answer.range.first) + '-' +
                                          std::to_string(last) + '/' + size);
    } else {
        answer.range = {.first = 0, .length = artifact.size_bytes};
    }
    response.setContentLength64(static_cast<Poco::Int64>(answer.range.length));
    std::ostream& out = response.send();
    if (request.call().head.method != "HEAD") copyRange(file, answer.range, out);
}

void artifact(ApiRequest& request, const FileParts& parts) {
    const std::string& id = request.param("id");
    const std::string& name = request.param("name");
    const auto history = parts.readers.take();
    visibleBatch(*history, request.caller, id);
    for (const ArtifactRow& artifact : history->artifacts(id)) {
        if (artifact.name == name)
            return sendFile(request, artifact, artifactFile(parts.folder, id, artifact),
                            name.ends_with(".csv") ? "text/csv; charset=utf-8" : kBytes);
    }
    throw HttpError(404, "NO_SUCH_ARTIFACT", "the batch has no such artifact");
}

// A file that the sender of the batch gave for one of its params.
void paramFile(ApiRequest& request, const FileParts& parts) {
    const auto history = parts.readers.take();
    const BatchRow batch = visibleBatch(*history, request.caller, request.param("id"));
    const auto files = filesOf(batch, parts.folder);
    const auto file = std::ranges::find(files, request.param("param"), &BatchFile::param);
    std::error_code error;
    const auto size = file == files.end() ? 0 : std::filesystem::file_size(file->path, error);
    if (file == files.end() || error)
        throw HttpError(404, "NO_SUCH_FILE", "the batch has no file for this param");
    sendFile(request, {.name = file->name, .size_bytes = size, .sha256 = file->sha256}, file->path,
             kBytes);
}

}  // namespace

void addFileRoutes(ApiRoutes& routes, const FileParts& parts) {
    routes.add("GET", "/api/batches/{id}/artifacts/{name}",
               {.id = "getArtifact",
                .summary = "A file that the batch made, whole or a range",
                .answer = "application/octet-stream",
                .also = {206, 304},
                .errors = {"NO_SUCH_BATCH", "NO_SUCH_ARTIFACT", "ARTIFACT_GONE", "RANGE"},
                .options = {.pool = http::Pool::bulk}},
               [&parts](ApiRequest& request) { artifact(request, parts); });
    routes.add("GET", "/api/batches/{id}/files/{param}",
               {.id = "getBatchFile",
                .summary = "The file that was given for a param of type file",
                .answer = "application/octet-stream",
                .also = {206, 304},
                .errors = {"NO_SUCH_BATCH", "NO_SUCH_FILE", "ARTIFACT_GONE", "RANGE"},
                .options = {.pool = http::Pool::bulk}},
               [&parts](ApiRequest& request) { paramFile(request, parts); });
}

}  // namespace sheafline::api
