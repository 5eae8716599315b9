#include "batch/batch_scope.h"

#include <cstdlib>
#include <utility>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

namespace sheafline {

ExpressionScope batchScope(const BatchRow& batch, const Pipeline& pipeline,
                           const DataFolder& folder, Redactor& redactor) {
    ExpressionScope scope;
    const auto object = Poco::JSON::Parser().parse(batch.params).extract<Poco::JSON::Object::Ptr>();
    for (const auto& [name, value] : *object) {
        ParamValue& param = scope.params[name];
        if (value.type() == typeid(Poco::JSON::Array::Ptr)) {
            param.is_list = true;
            for (const auto& item : *value.extract<Poco::JSON::Array::Ptr>())
                param.list.push_back(item.convert<std::string>());
        } else {
            param.text = value.convert<std::string>();
        }
    }
    scope.batch = {{"id", batch.batch_id},
                   {"data_dir", folder.batch(batch.batch_id).string()},
                   {"pipeline", pipeline.name}};
    scope.env = [](std::string_view name) -> std::optional<std::string> {
        const char* value = std::getenv(std::string(name).c_str());
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
    };
    scope.secrets = [&redactor](std::string_view name) -> std::optional<std::string> {
        const char* value = std::getenv(("SHEAFLINE_SECRET_" + std::string(name)).c_str());
        if (value == nullptr) return std::nullopt;
        redactor.learn(value);
        return value;
    };
    scope.params = expandDefaults(pipeline, std::move(scope.params), scope);
    return scope;
}

}  // namespace sheafline
