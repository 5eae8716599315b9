// The schemas of the API's bodies: `components.schemas` of the OpenAPI document. Objects of answers
// may get further fields in later versions; objects of requests may not.
#pragma once

#include <string>

namespace sheafline::api {

// The members of a JSON object, without its braces: "Batch": {…}, "BatchList": {…}, …
std::string componentSchemas();

}  // namespace sheafline::api
