#include "http/message/checked_response.h"

#include <algorithm>
#include <ostream>
#include <stdexcept>

#include "http/message/request_head.h"

namespace sheafline::http {

namespace {

void requireClean(const std::string& text) {
    const bool clean = std::all_of(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) || c == '\t';
    });
    if (!clean) throw std::invalid_argument("a header of the answer has a control code");
}

}  // namespace

void CheckedResponse::check() {
    requireClean(getReason());
    for (const auto& [name, value] : *this) {
        if (!isToken(name)) throw std::invalid_argument("a header of the answer has a bad name");
        requireClean(value);
    }
}

std::ostream& CheckedResponse::send() {
    check();
    const bool modern = getVersion() == HTTP_1_1;
    if (!modern) {
        setChunkedTransferEncoding(false);
    } else if (!hasContentLength() && getStatus() >= 200 && getStatus() != HTTP_NO_CONTENT &&
               getStatus() != HTTP_NOT_MODIFIED) {
        setChunkedTransferEncoding(true);
    }
    std::ostream& stream = HTTPServerResponseImpl::send();
    stream.exceptions(std::ios::badbit);  // otherwise a handler would continue to write into
                                          // nothing
    return stream;
}

void CheckedResponse::sendFile(const std::string& path, const std::string& media_type) {
    requireClean(media_type);
    check();
    HTTPServerResponseImpl::sendFile(path, media_type);
}

void CheckedResponse::sendBuffer(const void* buffer, std::size_t length) {
    check();
    HTTPServerResponseImpl::sendBuffer(buffer, length);
}

void CheckedResponse::redirect(const std::string& uri, HTTPStatus status) {
    requireClean(uri);
    check();
    HTTPServerResponseImpl::redirect(uri, status);
}

void CheckedResponse::requireAuthentication(const std::string& realm) {
    requireClean(realm);
    HTTPServerResponseImpl::requireAuthentication(realm);
}

void CheckedResponse::sendProblem(const Problem& problem, const Fields& always) {
    const bool keep_alive = getKeepAlive();
    const std::string date = get("Date", "");
    clear();
    if (!date.empty()) set("Date", date);
    for (const auto& [name, value] : always) set(name, value);
    for (const auto& [name, value] : problem.fields) set(name, value);
    setKeepAlive(keep_alive);
    setStatusAndReason(static_cast<HTTPStatus>(problem.status),
                       std::string(reasonOf(problem.status)));
    if (problem.status < 400) {
        setContentLength(0);
        HTTPServerResponseImpl::send();
        return;
    }
    const std::string json = toJson(problem);
    setContentType("application/problem+json");
    sendBuffer(json.data(), json.size());
}

}  // namespace sheafline::http
