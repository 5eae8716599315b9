// The fingerprint as version 1.0.0 stored it: a bare SHA-256. Batches that were interrupted under
// that version are compared by its rule, so that an upgrade reruns no stage whose result is still
// valid. The rule never changes; new batches get fingerprint.h's.
#pragma once

#include <filesystem>
#include <string>

#include "language/expression.h"
#include "pipeline/pipeline.h"
#include "plugins/plugin_catalog.h"

namespace sheafline {

std::string fingerprintV1(const PipelineStage& use, const PluginCatalog& plugins,
                          const ExpressionScope& scope, const std::filesystem::path& file);

}  // namespace sheafline
