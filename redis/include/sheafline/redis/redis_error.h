// What Redis, or the way to it, refused. The trouble says what kind it is, so that it can be named
// in a log, a metric and /readyz; the text names the server and the remedy, and never a password.
// After refused, timeout and lost the outcome of the command is unknown: it may have run.
#pragma once

#include <string>
#include <string_view>

#include <sheafline/error.h>

namespace sheafline::redis {

enum class Trouble {
    refused,   // nobody listens there, or the name is unknown
    timeout,   // it accepts, and does not answer in time
    lost,      // the connection ended in the middle
    auth,      // no, wrong or too weak a user and password
    readonly,  // a replica that takes no writes
    loading,   // it reads its data set, or has lost its primary, or is busy with a script
    oom,       // `maxmemory` is reached, and nothing may be evicted
    other,
};

std::string_view toString(Trouble trouble);

// Its Error has the code REDIS_REFUSED, REDIS_TIMEOUT … and is transient, but for auth and other.
class RedisError : public Error {
 public:
    RedisError(Trouble trouble, const std::string& message);
    ~RedisError() override;

    Trouble trouble() const { return trouble_; }

 private:
    Trouble trouble_;
};

// Which trouble an error reply is ("NOAUTH Authentication required."). Errors from within a script
// are told as well, in the words of Redis 6 and 7.
Trouble troubleOf(std::string_view error_reply);

}  // namespace sheafline::redis
