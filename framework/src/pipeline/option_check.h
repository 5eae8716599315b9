// Checks the expressions and the options (`with:`) of a pipeline's stages and sinks against the
// plugins that are there. Part of the loader; one thread.
#pragma once

#include <string>

#include "language/expression.h"
#include "language/finding_list.h"
#include "language/map_reader.h"
#include "language/source_text.h"
#include "language/yaml_document.h"
#include "pipeline/pipeline.h"
#include "plugins/plugin_catalog.h"

namespace sheafline {

class OptionCheck {
 public:
    OptionCheck(const SourceText& source, const PluginCatalog& plugins, FindingList& findings)
        : source_(source), plugins_(plugins), findings_(findings) {}

    // One use of a plugin: `use` is the whole mapping, `path` its name in messages.
    void use(PluginKind kind, const YamlNode& use, const std::string& path,
             const ExpressionNames& names) const;
    void condition(const YamlNode& scalar, const std::string& path,
                   const ExpressionNames& names) const;
    // One value with its expressions; `spec` is null where nothing is known of the option.
    void value(const YamlNode& node, const ParamSpec* spec, const std::string& path,
               const ExpressionNames& names) const;

    const PluginEntry* find(PluginKind kind, std::string_view name) const;

 private:
    std::string noSuchPlugin(PluginKind kind, const std::string& name) const;
    // The processor that a param names, or null if it is missing or not known yet.
    const PluginEntry* processor(const ParamSpec& spec, const YamlNode* with,
                                 const std::string& path) const;
    void scalar(const YamlNode& node, const ParamSpec* spec, const std::string& path,
                const ExpressionNames& names) const;
    // Whether the expressions of the scalar have no findings.
    void expressionFinding(const YamlNode& node, std::size_t offset, const std::string& path,
                           const std::string& message) const;

    const SourceText& source_;
    const PluginCatalog& plugins_;
    FindingList& findings_;
};

// A `with:` of the file as raw values.
RawValues rawValues(const YamlNode& with);
// `if:` may be written with and without ${{ }}: the expression itself, and where it starts.
std::string conditionText(const std::string& written, std::size_t& offset);

}  // namespace sheafline
