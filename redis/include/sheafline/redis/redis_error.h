// An error of Redis or of the connection to it. `Trouble` is its kind, for logs, metrics and
// /readyz. The text names the server and the remedy, and never a password. After refused, timeout
// and lost the outcome of the command is unknown: it may have run.
#pragma once

#include <string>
#include <string_view>

#include <sheafline/error.h>

namespace sheafline::redis {

enum class Trouble {
    refused,   // nothing listens at the address, or the name is unknown
    timeout,   // it accepts connections, but does not answer in time
    lost,      // the connection ended during an exchange
    auth,      // the user or password is missing or wrong, or lacks a permission
    readonly,  // a replica that accepts no writes
    loading,   // it loads its data, has lost its primary, or is busy with a script
    oom,       // `maxmemory` is reached, and nothing may be evicted
    other,
};

std::string_view toString(Trouble trouble);

// The code of the Error is REDIS_REFUSED, REDIS_TIMEOUT … It is transient, except for auth and
// other.
class RedisError : public Error {
 public:
    RedisError(Trouble trouble, const std::string& message);
    ~RedisError() override;

    Trouble trouble() const { return trouble_; }

 private:
    Trouble trouble_;
};

// The kind of an error reply ("NOAUTH Authentication required."). Also recognizes errors from
// inside a script, in the formats of Redis 6 and 7.
Trouble troubleOf(std::string_view error_reply);

}  // namespace sheafline::redis
