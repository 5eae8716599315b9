#include "api/bodies/text_fields.h"

namespace sheafline::api {

http::HttpError wrongField(const std::string& name, const std::string& detail) {
    return http::HttpError(http::Problem{.status = 422,
                                         .code = "INVALID_FIELD",
                                         .detail = detail,
                                         .errors = {{.pointer = "/" + name, .detail = detail}}});
}

std::optional<std::string> textOf(const Poco::JSON::Object& json, const std::string& name) {
    if (!json.has(name)) return std::nullopt;
    if (!json.get(name).isString()) throw wrongField(name, "'" + name + "' must be a text");
    return json.get(name).extract<std::string>();
}

std::string requiredText(const Poco::JSON::Object& json, const std::string& name) {
    if (auto text = textOf(json, name)) return *text;
    throw wrongField(name, "'" + name + "' is required");
}

}  // namespace sheafline::api
