// The schemas of what the server itself answers: pipelines, plugins, workers, its state. A part of
// componentSchemas().
#pragma once

#include <string_view>

namespace sheafline::api {

extern const std::string_view kServerSchemas;

}  // namespace sheafline::api
