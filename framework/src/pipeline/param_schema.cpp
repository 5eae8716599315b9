#include "pipeline/param_schema.h"

#include <Poco/JSON/Array.h>

#include "base/units.h"

namespace sheafline {

namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

constexpr const char* kSizePattern = R"(^[0-9]+(\.[0-9]{1,6})?(B|[KMGT]i?B)$)";
constexpr const char* kDurationPattern = R"(^([0-9]+(\.[0-9]{1,6})?(ms|s|m|h|d)|0)$)";
constexpr const char* kPercentPattern = R"(^[0-9]+(\.[0-9]+)? ?%$)";
constexpr const char* kExpressionPattern = R"(\$\{\{)";

Object typed(const char* type) {
    Object schema = orderedObject();
    schema.set("type", type);
    return schema;
}

Object text(const std::string& pattern) {
    Object schema = typed("string");
    if (!pattern.empty()) schema.set("pattern", pattern);
    return schema;
}

Object oneOfTexts(const std::vector<std::string>& texts) {
    Object schema = typed("string");
    if (!texts.empty()) schema.set("enum", textArray(texts));
    return schema;
}

Object anyOf(const Object& first, const Object& second) {
    Array choices;
    choices.add(first);
    choices.add(second);
    Object schema = orderedObject();
    schema.set("anyOf", choices);
    return schema;
}

Object zero() {
    Object schema = orderedObject();
    schema.set("const", 0);
    return schema;
}

Object ranged(const ParamSpec& spec) {
    if (spec.type == ParamType::integer) {
        Object schema = typed("integer");
        if (const auto min = parseInteger(spec.min)) schema.set("minimum", *min);
        if (const auto max = parseInteger(spec.max)) schema.set("maximum", *max);
        return schema;
    }
    Object schema = typed("number");
    if (const auto min = parseNumber(spec.min)) schema.set("minimum", *min);
    if (const auto max = parseNumber(spec.max)) schema.set("maximum", *max);
    return schema;
}

Object listSchema(const ParamSpec& spec) {
    Object schema = typed("array");
    schema.set("items", spec.pattern.empty() ? text("")
                                             : anyOf(text(spec.pattern), text(kExpressionPattern)));
    if (const auto min = parseInteger(spec.min)) schema.set("minItems", *min);
    if (const auto max = parseInteger(spec.max)) schema.set("maxItems", *max);
    return schema;
}

Object literalSchema(const ParamSpec& spec, const std::vector<std::string>& processors) {
    switch (spec.type) {
        case ParamType::integer:
        case ParamType::number:
            return ranged(spec);
        case ParamType::boolean:
            return typed("boolean");
        case ParamType::size: {
            Object bytes = typed("integer");
            bytes.set("minimum", 0);
            return anyOf(bytes, text(std::string(kSizePattern)));
        }
        case ParamType::duration:
            return anyOf(zero(), text(kDurationPattern));
        case ParamType::percent:
            return text(kPercentPattern);
        case ParamType::choice:
            return oneOfTexts(spec.choices);
        case ParamType::processor:
            return oneOfTexts(processors);
        case ParamType::list:
            return listSchema(spec);
        case ParamType::path:
        case ParamType::file:
        case ParamType::string:
            return text(spec.pattern);
    }
    return text("");
}

}  // namespace

Poco::JSON::Array textArray(const std::vector<std::string>& texts) {
    Array array;
    for (const std::string& item : texts) array.add(item);
    return array;
}

Poco::JSON::Object paramSchema(const ParamSpec& spec, Expressions expressions,
                               const std::vector<std::string>& processors) {
    Object schema = literalSchema(spec, processors);
    if (expressions == Expressions::allowed && spec.type != ParamType::list)
        schema = anyOf(schema, text(kExpressionPattern));
    std::string description = spec.help;
    if (spec.default_value)
        description += (description.empty() ? "default " : "; default ") + *spec.default_value;
    if (!description.empty()) schema.set("description", description);
    return schema;
}

}  // namespace sheafline
