#include "batch/run/skip_rule.h"

#include <algorithm>
#include <cmath>

#include <sheafline/shown_text.h>

#include "base/units.h"

namespace sheafline {

namespace {

constexpr double kRounding = 1e-9;  // 0.29 * 100 is 28.999999999999996

}  // namespace

std::optional<SkipLimit> skipLimitOf(const PipelineStage& use, const PluginDescriptor& plugin) {
    if (use.skip) return use.skip;
    if (plugin.reads_sheets || plugin.groups_sheets) return SkipLimit{};
    return std::nullopt;
}

std::optional<std::string> overLimit(const SkipLimit& limit, std::uint64_t total,
                                     std::uint64_t quarantined, std::uint64_t accepted) {
    if (total == 0 || quarantined <= accepted) return std::nullopt;
    const std::string all = std::to_string(total);
    if (quarantined >= total && accepted == 0)
        return total == 1 ? "the only sheet is quarantined"
                          : "all " + all + " sheets are quarantined";
    const auto share = static_cast<std::uint64_t>(
        std::floor(limit.share * static_cast<double>(total) + kRounding));
    const std::uint64_t allowed =
        std::max(share, limit.at_least - std::min<std::uint64_t>(limit.at_least, 1));
    if (quarantined <= allowed + accepted) return std::nullopt;
    return std::to_string(quarantined) + " of " + all + (total == 1 ? " sheet" : " sheets") +
           (quarantined == 1 ? " is" : " are") + " quarantined, and skip allows " +
           std::to_string(allowed) + " (limit " + percentText(limit.share) + ", at_least " +
           std::to_string(limit.at_least) + ")";
}

}  // namespace sheafline
