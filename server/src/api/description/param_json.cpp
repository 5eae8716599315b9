#include "api/description/param_json.h"

namespace sheafline {

Poco::JSON::Object paramJson(const ParamSpec& spec) {
    Poco::JSON::Object param(Poco::JSON_PRESERVE_KEY_ORDER);
    param.set("name", spec.name);
    param.set("type", std::string(toString(spec.type)));
    param.set("help", spec.help);
    param.set("required", spec.required);
    param.set("default",
              spec.default_value ? Poco::Dynamic::Var(*spec.default_value) : Poco::Dynamic::Var());
    return param;
}

}  // namespace sheafline
