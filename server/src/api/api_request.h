// One request for a handler of the API: the caller, the request, and the ways to answer. Used by
// the thread that runs the handler. A handler answers once, or throws HttpError.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <Poco/JSON/Object.h>

#include "api/caller.h"
#include "http/message/problem.h"
#include "http/message/router.h"

namespace Poco::Net {
class HTTPServerRequest;
class HTTPServerResponse;
}  // namespace Poco::Net

namespace sheafline::api {

// The fields of "a=1&b=two+words", decoded; a repeated one throws HttpError 400.
std::map<std::string, std::string> formFields(std::string_view text);

class ApiRequest {
 public:
    ApiRequest(http::Call& call, Poco::Net::HTTPServerRequest& request,
               Poco::Net::HTTPServerResponse& response)
        : call_(call), request_(request), response_(response) {}

    http::Call& call() const { return call_; }
    Poco::Net::HTTPServerRequest& request() const { return request_; }
    Poco::Net::HTTPServerResponse& response() const { return response_; }
    Caller caller{};
    // What the audit trail cannot read from the path. The handler sets it as soon as it knows it.
    struct Audit {
        std::string user{};     // the name in the form of a sign-in
        std::string subject{};  // the batch or user that was created
        std::string detail{};   // what was changed
    } audit{};

    const std::string& param(std::string_view name) const { return call_.param(name); }
    std::string header(std::string_view name) const;  // empty if there is none
    // A param of the query; unknown ones were rejected before.
    std::optional<std::string> query(const std::string& name);
    std::uint64_t queryNumber(const std::string& name, std::uint64_t otherwise, std::uint64_t max);

    std::string body();
    // For a streamed route that has collected its body.
    void setBody(std::string body) { body_ = std::move(body); }
    std::map<std::string, std::string> form();
    // The body as an object that has only `fields`. Throws HttpError: 415, 400, 422.
    Poco::JSON::Object::Ptr json(std::initializer_list<std::string_view> fields);

    void sendJson(const std::string& json, int status = 200);
    void sendText(const std::string& text, const std::string& type);
    void sendNothing(int status = 204);

 private:
    http::Call& call_;
    Poco::Net::HTTPServerRequest& request_;
    Poco::Net::HTTPServerResponse& response_;
    std::optional<std::map<std::string, std::string>> query_{};
    std::optional<std::string> body_{};
};

}  // namespace sheafline::api
