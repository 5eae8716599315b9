#include "sentinel.h"

#include <charconv>
#include <optional>

#include <sheafline/redis/redis_error.h>

#include "link.h"

namespace sheafline::redis {

namespace {

ConnectionOptions sentinelOptions(const ConnectionOptions& options, const RedisHost& sentinel) {
    ConnectionOptions one = options;
    one.name.clear();
    one.url = {.host = sentinel.name,
               .port = sentinel.port,
               .user = options.url.sentinel_user,
               .password = options.url.sentinel_password,
               .tls = options.url.tls,
               .files = options.url.files};
    return one;
}

RedisHost asked(const ConnectionOptions& sentinel, const std::string& primary) {
    Link link(sentinel);
    std::string bytes;
    encode({"SENTINEL", "get-master-addr-by-name", primary}, bytes);
    link.setDeadline(sentinel.reply_timeout);
    link.send(bytes);
    const Reply reply = link.read();
    if (reply.isError()) throw RedisError(kindOf(reply.text), "a sentinel answers: " + reply.text);
    RedisHost found;
    if (reply.items.size() == 2) {
        const std::string& port = reply.items[1].text;
        std::from_chars(port.data(), port.data() + port.size(), found.port);
        found.name = reply.items[0].text;
    }
    if (found.name.empty() || found.port == 0)
        throw RedisError(ErrorKind::refused, "the sentinels do not know the primary '" + primary +
                                                 "'; check its name in the URL");
    return found;
}

}  // namespace

ConnectionOptions primaryOf(const ConnectionOptions& options) {
    std::optional<RedisError> failure;
    for (const RedisHost& sentinel : options.url.sentinels) {
        try {
            const RedisHost host = asked(sentinelOptions(options, sentinel), options.url.primary);
            ConnectionOptions found = options;
            found.url.sentinels.clear();
            found.url.host = host.name;
            found.url.port = host.port;
            return found;
        } catch (const RedisError& error) {
            failure.emplace(error);
        }
    }
    throw RedisError(failure->kind(), std::string("asking the sentinels: ") + failure->what());
}

}  // namespace sheafline::redis
