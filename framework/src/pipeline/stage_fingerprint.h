// What a stage's result depends on besides its input: its plugin and that of its processor with
// their versions, its params, and the files that these name. Two equal fingerprints: what the stage
// did stays good.
#pragma once

#include <filesystem>
#include <string>

#include "language/expression.h"
#include "pipeline/pipeline.h"
#include "plugins/plugin_catalog.h"

namespace sheafline {

std::string stageFingerprint(const StageUse& use, const PluginCatalog& plugins,
                             const ExpressionScope& scope, const std::filesystem::path& file);

}  // namespace sheafline
