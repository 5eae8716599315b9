#include "batches/sinks/redis_feed.h"

#include <utility>

#include <sheafline/error.h>

#include "batches/batch_json.h"

namespace sheafline {

void addRedisSink(Owner& owner, const PluginCatalog& plugins, const Settings& settings) {
    if (settings.redis.empty()) return;
    const PluginEntry* plugin = plugins.find(PluginKind::sink, "redis");
    if (plugin == nullptr)
        throw Error(ErrorClass::permanent, "NO_SUCH_PLUGIN", "there is no sink plugin 'redis'");
    Params params({{"url", {.text = settings.redis}}, {"ttl", {.text = settings.redis_ttl}}});
    owner.addSink({.name = "redis",
                   .durable = true,
                   .view =
                       [id = owner.identity().id](const BatchRow& batch, HistoryReader& history) {
                           return batchView(batch, shownState(batch, id), history);
                       }},
                  plugin->descriptor->make_sink(params));
}

}  // namespace sheafline
