// From a file to a Pipeline, and from a Pipeline's raw values to those that a plugin reads. Every
// finding of a file is found in one run and thrown together as one ConfigError. Thread-safe: no
// state.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "language/expression.h"
#include "pipeline/pipeline.h"
#include "plugins/plugin_catalog.h"

namespace sheafline {

// Reads YAML or JSON (one loader for both) and checks it against the plugins that are there.
Pipeline loadPipeline(const std::filesystem::path& file, const PluginCatalog& plugins);
// The same for the bytes that a batch has stored; `file` names them in messages and is the base of
// paths.
Pipeline parsePipeline(std::string text, const std::filesystem::path& file,
                       const PluginCatalog& plugins);

// Whether the param of a pipeline may be set over HTTP.
bool isFromOutside(const ParamSpec& spec);

// The pipeline's params for one batch: defaults under `given` (from --set or HTTP), typed and
// checked, as canonical texts; an optional param without a default is an empty text. Relative paths
// in `given` start at `base`. `allow_operator_only` is false for what comes over HTTP.
ParamValues resolveParams(const Pipeline& pipeline, const std::map<std::string, std::string>& given,
                          const std::filesystem::path& base, bool allow_operator_only);

// The params with those defaults put in that hold expressions over `batch` and `env`, and that
// were not given: resolveParams leaves them out, because they differ from batch to batch. Call it
// before resolveValues; what is in `params` already is data and stays as it is.
ParamValues expandDefaults(const Pipeline& pipeline, ParamValues params,
                           const ExpressionScope& scope);

// The values of `with` with all expressions evaluated once: text from outside is never read
// as an expression. An option that is nothing but an expression with an empty result is left out,
// so that the plugin's default holds. Throws ConfigError with the place of a wrong one.
ParamValues resolveValues(const RawValues& raw, const ExpressionScope& scope,
                          const std::filesystem::path& file);
bool evaluateCondition(std::string_view condition, const ExpressionScope& scope);

}  // namespace sheafline
