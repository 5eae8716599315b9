// Whether a batch has too many quarantined sheets. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <sheafline/plugin.h>

#include "pipeline/pipeline.h"

namespace sheafline {

// The limit of a stage: that of the file, or the default if the stage reads or groups sheets.
std::optional<SkipLimit> skipLimitOf(const StageUse& use, const PluginDescriptor& plugin);

// Empty within the limit; otherwise the error: "3 of 4 sheets are quarantined, and skip allows 2
// (limit 50 %, at_least 1)". A batch whose sheets are all quarantined is never within the limit.
std::optional<std::string> overLimit(const SkipLimit& limit, std::uint64_t total,
                                     std::uint64_t quarantined);

}  // namespace sheafline
