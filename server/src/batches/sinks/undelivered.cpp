#include "batches/sinks/undelivered.h"

#include <algorithm>
#include <map>

#include <sheafline/error.h>

#include "history/states.h"
#include "pipeline/pipeline_loader.h"

namespace sheafline {

namespace {

// The durable sinks of a pipeline, as their cursors are named after the batch: "/webhook#1".
std::vector<std::string> durableSinks(const BatchRow& batch, const PluginCatalog& plugins,
                                      const std::vector<std::string>& allowed) {
    std::vector<std::string> names;
    try {
        const Pipeline pipeline = parsePipeline(batch.pipeline_text, batch.pipeline_file, plugins);
        for (std::size_t i = 0; i < pipeline.sinks.size(); ++i) {
            const std::string& uses = pipeline.sinks[i].uses;
            if (std::ranges::find(allowed, uses) != allowed.end() &&
                plugins.find(PluginKind::sink, uses)->descriptor->durable)
                names.push_back("/" + uses + "#" + std::to_string(i + 1));
        }
    } catch (const ConfigError&) {
        // A plugin of this batch is no longer installed, so nothing can be delivered.
    }
    return names;
}

}  // namespace

std::vector<std::string> batchesToDeliver(HistoryReader& history, const PluginCatalog& plugins,
                                          const std::vector<std::string>& allowed) {
    std::map<std::string, std::vector<std::string>> by_pipeline;  // many batches have the same
    std::vector<std::string> ids;
    const std::int64_t newest = history.lastEventId();
    for (const BatchRow& batch : history.batches({})) {
        if (!isFinal(batch.state)) continue;
        const auto [known, is_new] = by_pipeline.try_emplace(batch.pipeline_text);
        if (is_new) known->second = durableSinks(batch, plugins, allowed);
        const bool lags = std::ranges::any_of(known->second, [&](const std::string& sink) {
            const auto cursor = history.cursor(batch.batch_id + sink);
            return !history.eventsBetween(batch.batch_id, cursor.value_or(0), newest, 1).empty();
        });
        if (lags) ids.push_back(batch.batch_id);
    }
    return ids;
}

}  // namespace sheafline
