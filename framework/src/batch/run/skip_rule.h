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
// `accepted` are the quarantined sheets without which people have continued the batch.
std::optional<std::string> overLimit(const SkipLimit& limit, std::uint64_t total,
                                     std::uint64_t quarantined, std::uint64_t accepted = 0);

}  // namespace sheafline
