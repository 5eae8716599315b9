// One param as JSON Schema (draft-07). Private to pipeline_schema; any thread.
#pragma once

#include <string>
#include <vector>

#include <Poco/JSON/Object.h>

#include <sheafline/params.h>

namespace sheafline {

// Whether ${{ }} is accepted in place of the value.
enum class Expressions { allowed, rejected };

// `processors` are the names that a param of type processor may take.
Poco::JSON::Object paramSchema(const ParamSpec& spec, Expressions expressions,
                               const std::vector<std::string>& processors = {});

// A JSON object whose keys stay in the order in which they were set.
inline Poco::JSON::Object orderedObject() {
    return Poco::JSON::Object(Poco::JSON_PRESERVE_KEY_ORDER);
}
Poco::JSON::Array textArray(const std::vector<std::string>& texts);

}  // namespace sheafline
