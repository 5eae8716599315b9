#include "api/api_request.h"

#include <algorithm>
#include <charconv>
#include <istream>
#include <iterator>

#include <Poco/Exception.h>
#include <Poco/JSON/Parser.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/URI.h>

#include "base/did_you_mean.h"

namespace sheafline::api {

using http::HttpError;

namespace {

std::string decoded(std::string_view text) {
    std::string spaced(text);
    std::replace(spaced.begin(), spaced.end(), '+', ' ');  // Poco does this only after a '?'
    std::string plain;
    Poco::URI::decode(spaced, plain);
    return plain;
}

[[noreturn]] void throwUnknown(const std::string& field,
                               std::initializer_list<std::string_view> known) {
    const std::string detail =
        "unknown field '" + field + "'; " +
        didYouMean(field, std::vector<std::string>(known.begin(), known.end()));
    throw HttpError(http::Problem{.status = 422,
                                  .code = "INVALID_FIELD",
                                  .detail = detail,
                                  .errors = {{.pointer = "/" + field, .detail = detail}}});
}

}  // namespace

std::map<std::string, std::string> formFields(std::string_view text) {
    std::map<std::string, std::string> fields;
    while (!text.empty()) {
        const std::string_view pair = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(text.size(), pair.size() + 1));
        if (pair.empty()) continue;
        const std::size_t equals = pair.find('=');
        try {
            std::string name = decoded(pair.substr(0, equals));
            std::string value =
                equals == std::string_view::npos ? "" : decoded(pair.substr(equals + 1));
            if (!fields.emplace(name, std::move(value)).second)
                throw HttpError(400, "REPEATED_FIELD", "'" + name + "' is given twice");
        } catch (const Poco::Exception&) {
            throw HttpError(400, "BAD_ENCODING",
                            "a percent sign is followed by no hexadecimal code");
        }
    }
    return fields;
}

std::string ApiRequest::header(std::string_view name) const {
    const std::string* value = call_.head.find(name);
    return value == nullptr ? std::string() : *value;
}

std::optional<std::string> ApiRequest::query(const std::string& name) {
    if (!query_) query_ = formFields(call_.head.query);
    const auto found = query_->find(name);
    return found == query_->end() ? std::nullopt : std::optional(found->second);
}

std::uint64_t ApiRequest::queryNumber(const std::string& name, std::uint64_t otherwise,
                                      std::uint64_t max) {
    const auto text = query(name);
    if (!text) return otherwise;
    std::uint64_t number = 0;
    const char* end = text->data() + text->size();
    const auto [stop, error] = std::from_chars(text->data(), end, number);
    if (error != std::errc() || stop != end || number > max) {
        throw HttpError(400, "BAD_QUERY",
                        "'" + name + "' is to be a number up to " + std::to_string(max));
    }
    return number;
}

std::string ApiRequest::body() {
    return body_ ? *body_ : std::string(std::istreambuf_iterator<char>(request_.stream()), {});
}

std::map<std::string, std::string> ApiRequest::form() {
    if (!header("Content-Type").starts_with("application/x-www-form-urlencoded"))
        throw HttpError(415, "WRONG_TYPE", "a form is required: application/x-www-form-urlencoded");
    return formFields(body());
}

Poco::JSON::Object::Ptr ApiRequest::json(std::initializer_list<std::string_view> fields) {
    if (!header("Content-Type").starts_with("application/json"))
        throw HttpError(415, "WRONG_TYPE",
                        "the body must be JSON; send Content-Type: application/json");
    Poco::JSON::Object::Ptr object;
    try {
        Poco::JSON::Parser parser;
        parser.setDepth(16);
        object = parser.parse(body()).extract<Poco::JSON::Object::Ptr>();
    } catch (const Poco::Exception&) {
        throw HttpError(400, "BAD_JSON", "the body is not a JSON object; check its syntax");
    }
    for (const auto& [name, value] : *object) {
        if (std::find(fields.begin(), fields.end(), name) == fields.end())
            throwUnknown(name, fields);
    }
    return object;
}

void ApiRequest::sendJson(const std::string& json, int status) {
    response_.setStatusAndReason(static_cast<Poco::Net::HTTPResponse::HTTPStatus>(status),
                                 std::string(http::reasonOf(status)));
    sendText(json, "application/json");
}

void ApiRequest::sendText(const std::string& text, const std::string& type) {
    response_.setContentType(type);
    if (!response_.has("Cache-Control")) response_.set("Cache-Control", "no-store");
    response_.sendBuffer(text.data(), text.size());
}

void ApiRequest::sendNothing(int status) {
    response_.setStatusAndReason(static_cast<Poco::Net::HTTPResponse::HTTPStatus>(status),
                                 std::string(http::reasonOf(status)));
    if (status >= 200 && status != 204 && status != 304) response_.setContentLength(0);
    response_.send();
}

}  // namespace sheafline::api
