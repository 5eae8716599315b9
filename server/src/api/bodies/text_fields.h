// Fields of a JSON body that are texts, and the error that names a wrong field.
#pragma once

#include <optional>
#include <string>

#include <Poco/JSON/Object.h>

#include "http/message/problem.h"

namespace sheafline::api {

http::HttpError wrongField(const std::string& name, const std::string& detail);
// Nothing if the field is absent. Throws HttpError 422 if it is not a text.
std::optional<std::string> textOf(const Poco::JSON::Object& json, const std::string& name);
std::string requiredText(const Poco::JSON::Object& json, const std::string& name);

}  // namespace sheafline::api
