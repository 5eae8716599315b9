// The keys of a pipeline file that hold one value or a list of texts, as specs: the loader checks
// by them, the JSON Schema is made from them. Keys with mappings are defined by their readers.
#pragma once

#include <vector>

#include <sheafline/params.h>

namespace sheafline {

std::vector<ParamSpec> pipelineKeys();  // name, description
std::vector<ParamSpec> defaultsKeys();  // timeout
std::vector<ParamSpec> paramKeys();     // type, help, required, pattern, choices, scope
std::vector<ParamSpec> retryKeys();     // max_attempts, initial, factor, max_interval
std::vector<ParamSpec> stageKeys();     // id, needs, timeout, weight
std::vector<ParamSpec> skipKeys();      // limit, at_least, on_limit
std::vector<ParamSpec> reviewKeys();    // before, timeout

// The spec of one key; the key must be there.
ParamSpec keySpec(const std::vector<ParamSpec>& keys, std::string_view name);

}  // namespace sheafline
