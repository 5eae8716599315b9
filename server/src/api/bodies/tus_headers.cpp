#include "api/bodies/tus_headers.h"

#include <charconv>
#include <string>

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Timestamp.h>

namespace sheafline::api {

using http::HttpError;

void requireTus(ApiRequest& request) {
    request.response().set("Tus-Resumable", "1.0.0");
    if (request.header("Tus-Resumable") == "1.0.0") return;
    throw HttpError(
        http::Problem{.status = 412,
                      .code = "TUS_VERSION",
                      .detail = "this server supports tus 1.0.0 only; send Tus-Resumable: 1.0.0",
                      .fields = {{"Tus-Version", "1.0.0"}}});
}

std::optional<std::uint64_t> numberHeader(const ApiRequest& request, std::string_view name) {
    const std::string text = request.header(name);
    if (text.empty()) return std::nullopt;
    std::uint64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || stop != end)
        throw HttpError(400, "BAD_HEADER", std::string(name) + " must be a number of bytes");
    return value;
}

std::optional<Checksum> uploadChecksum(const ApiRequest& request) {
    const std::string text = request.header("Upload-Checksum");
    if (text.empty()) return std::nullopt;
    auto checksum = parseUploadChecksum(text);
    if (!checksum)
        throw HttpError(400, "BAD_CHECKSUM",
                        "Upload-Checksum is malformed; send 'sha1 BASE64' or 'sha256 BASE64'");
    return checksum;
}

void setExpiry(ApiRequest& request, const UploadInfo& info) {
    request.response().set("Upload-Expires", Poco::DateTimeFormatter::format(
                                                 Poco::Timestamp::fromEpochTime(info.expires_at),
                                                 Poco::DateTimeFormat::HTTP_FORMAT));
}

}  // namespace sheafline::api
