// Whether a batch has too many quarantined sheets. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <sheafline/plugin.h>

#include "pipeline/pipeline.h"

namespace sheafline {

// The limit of a stage: what the file says, or else the default if it reads or groups sheets.
std::optional<SkipLimit> skipLimitOf(const PipelineStage& use, const PluginDescriptor& plugin);

// Empty within the limit; otherwise the error: "3 of 4 sheets are quarantined, and skip allows 2
// (limit 50 %, at_least 1)". A batch whose sheets are all quarantined is never within the limit.
std::optional<std::string> overLimit(const SkipLimit& limit, std::uint64_t total,
                                     std::uint64_t quarantined);

}  // namespace sheafline
