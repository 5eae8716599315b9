// From a file to a Pipeline, and from a Pipeline's raw values to those that a plugin reads. Every
// mistake of a file is found in one run and thrown together as one ConfigError. Thread-safe: no
// state.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "pipeline.h"
#include "plugin_catalog.h"

namespace sheafline {

// Reads YAML or JSON (one loader for both) and checks it against the plugins that are there.
Pipeline loadPipeline(const std::filesystem::path& file, const PluginCatalog& plugins);
// The same for the bytes that a batch has stored; `file` names them in messages and is the base of
// paths.
Pipeline parsePipeline(std::string text, const std::filesystem::path& file,
                       const PluginCatalog& plugins);

// The pipeline's params for one batch: defaults under `given` (from --set or HTTP), typed and
// checked, as canonical texts. Relative paths in `given` start at `base`. `allow_operator_only` is
// false for what comes over HTTP.
ParamValues resolveParams(const Pipeline& pipeline, const std::map<std::string, std::string>& given,
                          const std::filesystem::path& base, bool allow_operator_only);

// What expressions can see. A name that is not there is an error that says what is.
struct ExpressionScope {
    ParamValues params{};
    std::map<std::string, std::string, std::less<>> batch{};  // id, data_dir, pipeline
    std::map<std::string, std::map<std::string, std::string, std::less<>>, std::less<>>
        stages{};  // by id: state, done, total, failed
    std::function<std::optional<std::string>(std::string_view)> env{};
    std::function<std::optional<std::string>(std::string_view)> secrets{};
};

// The values of `with` with all expressions put in. Throws ConfigError with the place of a wrong
// one.
ParamValues resolveValues(const RawValues& raw, const ExpressionScope& scope,
                          const std::filesystem::path& file);
bool evaluateCondition(std::string_view condition, const ExpressionScope& scope);

}  // namespace sheafline
