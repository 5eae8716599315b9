// An error of Redis or of the connection to it. `kind` is its kind, for logs, metrics and
// /readyz. The text contains neither the address of Redis nor a password, because users see it.
// After refused, timeout and lost the outcome of the command is unknown: it may have run.
#pragma once

#include <string>
#include <string_view>

#include <sheafline/error.h>

namespace sheafline::redis {

enum class ErrorKind {
    refused,   // nothing listens there, or the name is unknown
    timeout,   // it accepts, and does not answer in time
    lost,      // the connection ended during a command
    auth,      // the user or password is missing or wrong, or lacks a permission
    readonly,  // a replica that accepts no writes
    loading,   // it loads its data set, has lost its primary, or runs a long script
    oom,       // `maxmemory` is reached, and nothing may be evicted
    tls,       // the certificate, its name or the protocol is not accepted
    cluster,   // a Redis Cluster, which is not supported
    other,
};

std::string_view toString(ErrorKind kind);

// Whether only another configuration helps: auth, tls and cluster.
bool needsOperator(ErrorKind kind);

// The text for an error reply: "Redis answers: OOM …".
std::string answered(std::string_view error_reply);

// Its Error has the code REDIS_REFUSED, REDIS_TIMEOUT, …. It is permanent for `other` and for
// errors that need the operator, and transient otherwise.
class RedisError : public Error {
 public:
    RedisError(ErrorKind kind, const std::string& message);
    ~RedisError() override;

    ErrorKind kind() const { return kind_; }

 private:
    ErrorKind kind_;
};

// The kind of an error reply ("NOAUTH Authentication required."), also of an error inside a script,
// in the words of Redis 6 and 7.
ErrorKind kindOf(std::string_view error_reply);

}  // namespace sheafline::redis
