#include "http/message/problem.h"

#include <Poco/Net/HTTPResponse.h>

#include <sheafline/json_writer.h>

namespace sheafline::http {

std::string toJson(const Problem& problem) {
    JsonWriter json;
    json.beginObject()
        .text("type", "about:blank")
        .text("title", reasonOf(problem.status))
        .integer("status", problem.status);
    if (!problem.detail.empty()) json.text("detail", problem.detail);
    if (!problem.code.empty()) json.text("code", problem.code);
    if (!problem.errors.empty()) {
        json.key("errors").beginArray();
        for (const FieldProblem& error : problem.errors) {
            json.beginObject().text("pointer", error.pointer).text("detail", error.detail);
            if (!error.member.empty()) json.raw(error.member, error.json);
            json.endObject();
        }
        json.endArray();
    }
    return json.endObject().take();
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
