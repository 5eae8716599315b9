// The second half of pipeline_loader.h: from raw values to those of one batch. Texts from outside
// are data from the start: only texts of the pipeline file are ever read as expressions.
#include <algorithm>
#include <utility>

#include <sheafline/error.h>

#include "base/did_you_mean.h"
#include "base/units.h"
#include "language/param_check.h"
#include "language/text_template.h"
#include "pipeline/params/param_file.h"
#include "pipeline/pipeline_loader.h"

namespace sheafline {

namespace {

// Typed, checked and in canonical form, or ConfigError.
ParamValue checkedParam(const ParamSpec& spec, std::string text, const std::filesystem::path& base,
                        Repeat repeat) {
    ParamValue value{.text = std::move(text)};
    if (auto finding = findingOf(value, spec, repeat)) throw ConfigError(std::move(*finding));
    const bool names_file =
        spec.type == ParamType::path || (spec.type == ParamType::file && !storedFile(value.text));
    if (names_file && !value.text.empty())
        value.text = (base / value.text).lexically_normal().string();
    else
        value.text = canonicalText(spec.type, value.text).value_or(value.text);
    return value;
}

std::string expandText(const std::string& text, const ExpressionScope& scope) {
    try {
        return expand(splitTemplate(text), scope);
    } catch (const ExpressionError& error) {
        throw ConfigError(error.what());
    }
}

bool isLeftOut(const RawValue& raw, const std::string& result) {
    return result.empty() && isExpression(splitTemplate(raw.value.text));
}

std::optional<Finding> unknownParam(const Pipeline& pipeline, const std::string& name) {
    if (std::ranges::find(pipeline.params, name, &ParamSpec::name) != pipeline.params.end())
        return std::nullopt;
    std::vector<std::string> known;
    for (const ParamSpec& spec : pipeline.params) known.push_back(spec.name);
    return Finding{.file = {},
                   .key = name,
                   .message = "pipeline " + pipeline.name + " has no param '" + name + "'; " +
                              didYouMean(name, known)};
}

// Empty if the default has an expression: expandDefaults adds it.
std::optional<ParamValue> resolvedParam(const Pipeline& pipeline, const ParamSpec& spec,
                                        const std::string* given, const std::filesystem::path& base,
                                        bool allow_operator_only) {
    if (given != nullptr) {
        if (!allow_operator_only && !isFromOutside(spec))
            throw ConfigError(spec.name +
                              ": cannot be set over HTTP; the operator sets it on the command line "
                              "or in the configuration");
        return checkedParam(spec, *given, base, Repeat::value);
    }
    if (spec.required)
        throw ConfigError(spec.name + ": this param is required; give it with --set " + spec.name +
                          "=VALUE" + (spec.help.empty() ? "" : " (" + spec.help + ")"));
    if (!spec.default_value) return ParamValue{};
    const auto parts = splitTemplate(*spec.default_value);
    if (hasExpression(parts)) return std::nullopt;
    return checkedParam(spec, expand(parts, {}), pipeline.file.parent_path(), Repeat::value);
}

}  // namespace

bool isFromOutside(const ParamSpec& spec) {
    return spec.scope == ParamScope::user && spec.type != ParamType::path;
}

ParamValues resolveParams(const Pipeline& pipeline, const std::map<std::string, std::string>& given,
                          const std::filesystem::path& base, bool allow_operator_only) {
    ParamValues values;
    std::vector<Finding> findings;
    for (const auto& [name, text] : given)
        if (auto finding = unknownParam(pipeline, name)) findings.push_back(std::move(*finding));
    for (const ParamSpec& spec : pipeline.params) {
        const auto found = given.find(spec.name);
        try {
            auto value =
                resolvedParam(pipeline, spec, found == given.end() ? nullptr : &found->second,
                              std::filesystem::absolute(base), allow_operator_only);
            if (value) values.emplace(spec.name, std::move(*value));
        } catch (const ConfigError& error) {
            findings.push_back({.file = {}, .key = spec.name, .message = error.what()});
        }
    }
    if (!findings.empty()) throw ConfigError(std::move(findings));
    return values;
}

ParamValues expandDefaults(const Pipeline& pipeline, ParamValues params,
                           const ExpressionScope& scope) {
    const ExpressionScope narrow{.batch = scope.batch, .env = scope.env};
    for (const ParamSpec& spec : pipeline.params) {
        if (params.contains(spec.name) || !spec.default_value) continue;
        params.emplace(spec.name, checkedParam(spec, expandText(*spec.default_value, narrow),
                                               pipeline.file.parent_path(), Repeat::nothing));
    }
    return params;
}

ParamValues resolveValues(const RawValues& raw, const ExpressionScope& scope,
                          const std::filesystem::path& file) {
    ParamValues values;
    std::vector<Finding> findings;
    for (const auto& [key, from] : raw) {
        try {
            ParamValue value{.is_list = from.value.is_list};
            for (const std::string& item : from.value.list)
                value.list.push_back(expandText(item, scope));
            if (!value.is_list) {
                value.text = expandText(from.value.text, scope);
                if (isLeftOut(from, value.text)) continue;
            }
            values.emplace(key, std::move(value));
        } catch (const ConfigError& error) {
            findings.push_back({.file = file.string(),
                                .line = from.line,
                                .column = from.column,
                                .key = key,
                                .message = key + ": " + error.what()});
        }
    }
    if (!findings.empty()) throw ConfigError(std::move(findings));
    return values;
}

bool evaluateCondition(std::string_view condition, const ExpressionScope& scope) {
    try {
        return Expression(condition).isTrue(scope);
    } catch (const ExpressionError& error) {
        throw ConfigError(std::string("if: ") + error.what());
    }
}

}  // namespace sheafline
