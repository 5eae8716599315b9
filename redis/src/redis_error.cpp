#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include <sheafline/redis/redis_error.h>

namespace sheafline::redis {

namespace {

std::string codeOf(ErrorKind kind) {
    std::string code = "REDIS_" + std::string(toString(kind));
    std::ranges::transform(code, code.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return code;
}

ErrorClass classOf(ErrorKind kind) {
    return needsOperator(kind) || kind == ErrorKind::other ? ErrorClass::permanent
                                                           : ErrorClass::transient;
}

}  // namespace

std::string_view toString(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::refused:
            return "refused";
        case ErrorKind::timeout:
            return "timeout";
        case ErrorKind::lost:
            return "lost";
        case ErrorKind::auth:
            return "auth";
        case ErrorKind::readonly:
            return "readonly";
        case ErrorKind::loading:
            return "loading";
        case ErrorKind::oom:
            return "oom";
        case ErrorKind::tls:
            return "tls";
        case ErrorKind::cluster:
            return "cluster";
        case ErrorKind::other:
            break;
    }
    return "other";
}

bool needsOperator(ErrorKind kind) {
    return kind == ErrorKind::auth || kind == ErrorKind::tls || kind == ErrorKind::cluster;
}

std::string answered(std::string_view error_reply) {
    if (kindOf(error_reply) == ErrorKind::cluster) {
        // The reply itself may contain the address of another node.
        return "this Redis is part of a Redis Cluster, which is not supported; use a single Redis "
               "with replicas, or redis+sentinel://";
    }
    return "Redis answers: " + std::string(error_reply);
}

RedisError::RedisError(ErrorKind kind, const std::string& message)
    : Error(classOf(kind), codeOf(kind), message), kind_(kind) {}
RedisError::~RedisError() = default;

ErrorKind kindOf(std::string_view error_reply) {
    struct Prefix {
        std::string_view text;
        ErrorKind kind;
    };
    static constexpr std::array kPrefixes{
        Prefix{"WRONGPASS", ErrorKind::auth},
        Prefix{"NOAUTH", ErrorKind::auth},
        Prefix{"NOPERM", ErrorKind::auth},
        Prefix{"ERR invalid password", ErrorKind::auth},
        Prefix{"ERR AUTH", ErrorKind::auth},
        Prefix{"ERR Client sent AUTH", ErrorKind::auth},
        Prefix{"DENIED", ErrorKind::auth},
        Prefix{"READONLY", ErrorKind::readonly},
        Prefix{"NOREPLICAS", ErrorKind::readonly},
        Prefix{"LOADING", ErrorKind::loading},
        Prefix{"MASTERDOWN", ErrorKind::loading},
        Prefix{"BUSY ", ErrorKind::loading},
        Prefix{"CLUSTERDOWN", ErrorKind::cluster},
        Prefix{"CROSSSLOT", ErrorKind::cluster},
        Prefix{"MOVED", ErrorKind::cluster},
        Prefix{"ASK ", ErrorKind::cluster},
        Prefix{"ERR SELECT is not allowed in cluster mode", ErrorKind::cluster},
        Prefix{"TRYAGAIN", ErrorKind::loading},
        Prefix{"OOM", ErrorKind::oom},
    };
    for (const Prefix& prefix : kPrefixes) {
        if (error_reply.starts_with(prefix.text)) return prefix.kind;
    }
    // Redis 6: "ERR Error running script (call to f_…): @user_script:7: -OOM command not allowed …"
    const auto inner = error_reply.find(": -");
    if (inner != std::string_view::npos) return kindOf(error_reply.substr(inner + 3));
    return ErrorKind::other;
}

}  // namespace sheafline::redis
