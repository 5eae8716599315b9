// The sink `redis`: the progress of every batch under the keys that `redis-cli` users know
// (sheafline/redis/progress_keys.h). Durable: it continues from its cursor, so a Redis that is
// down, slow or empty affects nothing else.
#include <sheafline/plugin.h>

#include "redis_sink.h"

namespace {

using sheafline::Params;

struct Options {
    std::string url;
    sheafline::redis::RedisSinkOptions sink;

    explicit Options(Params& p)
        : url(p.string(
              "url", {.help = "redis://[user:password@]host[:port][/database]", .required = true})),
          sink{.ttl =
                   p.duration("ttl", {.help = "how long a batch's keys stay after its newest event",
                                      .default_value = "1h",
                                      .min = "1s"}),
               .log_cap = p.integer(
                   "log_cap",
                   {.help = "most events in the log of a batch; the oldest are removed first",
                    .default_value = "10000",
                    .min = "1"})} {
        sink.connection.name = "sheafline-sink";
        sink.connection.reply_timeout = p.duration(
            "timeout",
            {.help = "how long to wait for Redis", .default_value = "1s", .min = "10ms"});
        sink.connection.connect_timeout = sink.connection.reply_timeout;
        if (!url.empty()) sink.connection.url = sheafline::redis::parseRedisUrl(url);
    }
};

class Redis : public sheafline::redis::RedisSink {
 public:
    explicit Redis(Params& params) : RedisSink(Options(params).sink) {}
};

}  // namespace

const sheafline::PluginDescriptor sheafline_plugin{
    .kind = sheafline::PluginKind::sink,
    .name = "redis",
    .version = "1.0.0",
    .summary = "keeps the progress of batches in Redis, and publishes every event",
    .durable = true,
    .params = sheafline::paramsOf<Options>,
    .make_sink = sheafline::makeSink<Redis>};
