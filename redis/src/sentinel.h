// Asks sentinels which server is the primary now. Throws RedisError if none of them knows.
#pragma once

#include <sheafline/redis/connection.h>

namespace sheafline::redis {

// `options` with the primary's host and port and without the sentinels.
ConnectionOptions primaryOf(const ConnectionOptions& options);

}  // namespace sheafline::redis
