// The schemas of what stands in an address: the params of a path and of its query.
#pragma once

#include <string>

namespace sheafline::api {

// As JSON. `pattern` is the route's, such as /api/batches/{id}. Throws std::logic_error for a name
// that is not described: the mistake of a programmer.
std::string pathParamSchema(const std::string& pattern, const std::string& name);
std::string queryParamSchema(const std::string& pattern, const std::string& name);

}  // namespace sheafline::api
