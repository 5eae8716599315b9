// The schemas of the params in the path and in the query of a URL.
#pragma once

#include <string>

namespace sheafline::api {

// As JSON. `pattern` is the route's, such as /api/batches/{id}. Throws std::logic_error for a name
// that is not described, which is a bug.
std::string pathParamSchema(const std::string& pattern, const std::string& name);
std::string queryParamSchema(const std::string& pattern, const std::string& name);

}  // namespace sheafline::api
