// A param of a plugin or a pipeline as JSON.
#pragma once

#include <Poco/JSON/Object.h>

#include <sheafline/params.h>

namespace sheafline {

// Name, type, help, whether it is required, and its default.
Poco::JSON::Object paramJson(const ParamSpec& spec);

}  // namespace sheafline
