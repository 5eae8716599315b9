#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include <sheafline/redis/redis_error.h>

namespace sheafline::redis {

namespace {

std::string codeOf(Trouble trouble) {
    std::string code = "REDIS_" + std::string(toString(trouble));
    std::ranges::transform(code, code.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return code;
}

ErrorClass classOf(Trouble trouble) {
    return needsOperator(trouble) || trouble == Trouble::other ? ErrorClass::permanent
                                                               : ErrorClass::transient;
}

}  // namespace

std::string_view toString(Trouble trouble) {
    switch (trouble) {
        case Trouble::refused:
            return "refused";
        case Trouble::timeout:
            return "timeout";
        case Trouble::lost:
            return "lost";
        case Trouble::auth:
            return "auth";
        case Trouble::readonly:
            return "readonly";
        case Trouble::loading:
            return "loading";
        case Trouble::oom:
            return "oom";
        case Trouble::tls:
            return "tls";
        case Trouble::cluster:
            return "cluster";
        case Trouble::other:
            break;
    }
    return "other";
}

bool needsOperator(Trouble trouble) {
    return trouble == Trouble::auth || trouble == Trouble::tls || trouble == Trouble::cluster;
}

std::string answered(std::string_view error_reply) {
    if (troubleOf(error_reply) == Trouble::cluster) {
        // The reply itself may contain the address of another node.
        return "this Redis is part of a Redis Cluster, which is not supported; use a single Redis "
               "with replicas, or redis+sentinel://";
    }
    return "Redis answers: " + std::string(error_reply);
}

RedisError::RedisError(Trouble trouble, const std::string& message)
    : Error(classOf(trouble), codeOf(trouble), message), trouble_(trouble) {}
RedisError::~RedisError() = default;

Trouble troubleOf(std::string_view error_reply) {
    struct Prefix {
        std::string_view text;
        Trouble trouble;
    };
    static constexpr std::array kPrefixes{
        Prefix{"WRONGPASS", Trouble::auth},
        Prefix{"NOAUTH", Trouble::auth},
        Prefix{"NOPERM", Trouble::auth},
        Prefix{"ERR invalid password", Trouble::auth},
        Prefix{"ERR AUTH", Trouble::auth},
        Prefix{"ERR Client sent AUTH", Trouble::auth},
        Prefix{"DENIED", Trouble::auth},
        Prefix{"READONLY", Trouble::readonly},
        Prefix{"NOREPLICAS", Trouble::readonly},
        Prefix{"LOADING", Trouble::loading},
        Prefix{"MASTERDOWN", Trouble::loading},
        Prefix{"BUSY ", Trouble::loading},
        Prefix{"CLUSTERDOWN", Trouble::cluster},
        Prefix{"CROSSSLOT", Trouble::cluster},
        Prefix{"MOVED", Trouble::cluster},
        Prefix{"ASK ", Trouble::cluster},
        Prefix{"ERR SELECT is not allowed in cluster mode", Trouble::cluster},
        Prefix{"TRYAGAIN", Trouble::loading},
        Prefix{"OOM", Trouble::oom},
    };
    for (const Prefix& prefix : kPrefixes) {
        if (error_reply.starts_with(prefix.text)) return prefix.trouble;
    }
    // Redis 6: "ERR Error running script (call to f_…): @user_script:7: -OOM command not allowed …"
    const auto inner = error_reply.find(": -");
    if (inner != std::string_view::npos) return troubleOf(error_reply.substr(inner + 3));
    return Trouble::other;
}

}  // namespace sheafline::redis
