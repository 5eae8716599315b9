#include "http/message/problem.h"

#include <algorithm>
#include <cstddef>

#include <Poco/Net/HTTPResponse.h>

#include <sheafline/utf8.h>

namespace sheafline::http {

namespace {

constexpr std::string_view kHex = "0123456789abcdef";

// Invalid UTF-8 becomes U+FFFD, because a detail may contain bytes of the client.
std::string jsonString(std::string_view text) {
    std::string json = "\"";
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c == '"' || c == '\\') {
            json += '\\';
            json += text[i];
        } else if (c < 0x20) {
            json += "\\u00";
            json += kHex[c >> 4U];
            json += kHex[c & 15U];
        } else if (c < 0x80) {
            json += text[i];
        } else {
            const std::size_t length = utf8Length(text.substr(i));
            json += length == 0 ? "\xef\xbf\xbd" : text.substr(i, length);
            if (length > 1) i += length - 1;
        }
    }
    return json += '"';
}

}  // namespace

std::string toJson(const Problem& problem) {
    std::string json = R"({"type":"about:blank","title":)" + jsonString(reasonOf(problem.status));
    json += ",\"status\":" + std::to_string(problem.status);
    if (!problem.detail.empty()) json += ",\"detail\":" + jsonString(problem.detail);
    if (!problem.code.empty()) json += ",\"code\":" + jsonString(problem.code);
    if (!problem.errors.empty()) {
        json += ",\"errors\":[";
        for (const FieldProblem& error : problem.errors) {
            if (json.back() != '[') json += ',';
            json += "{\"pointer\":" + jsonString(error.pointer);
            json += ",\"detail\":" + jsonString(error.detail) + '}';
        }
        json += ']';
    }
    return json += '}';
}

std::string_view reasonOf(int status) {
    using Poco::Net::HTTPResponse;
    switch (status) {  // those that Poco 1.11 does not know
        case 431:
            return "Request Header Fields Too Large";
        case 460:
            return "Checksum Mismatch";
        case 507:
            return "Insufficient Storage";
        default:
            return HTTPResponse::getReasonForStatus(static_cast<HTTPResponse::HTTPStatus>(status));
    }
}

HttpError::HttpError(Problem problem)
    : std::runtime_error(problem.detail), problem_(std::move(problem)) {}

HttpError::HttpError(int status, std::string code, std::string detail)
    : HttpError(Problem{.status = status, .code = std::move(code), .detail = std::move(detail)}) {}

}  // namespace sheafline::http
