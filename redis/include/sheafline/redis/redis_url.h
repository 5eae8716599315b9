// Where Redis is, and which user of Redis the program is:
//
//     redis://[[user]:password@]host[:port][/database]
//     rediss://…                                          TLS; the certificate is always checked
//     redis+sentinel://[[user]:password@]host[:port][,host[:port]]…/primary[/database]
//     rediss+sentinel://…                                 TLS to the sentinels and to Redis
//
// `?ca=FILE&cert=FILE&key=FILE` names the certificate authorities and a client certificate for TLS,
// `?sentinel_user=…&sentinel_password=…` the user at the sentinels. All parts may contain %XX.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/redis/tls_files.h>

namespace sheafline::redis {

struct RedisHost {
    std::string name{};
    std::uint16_t port = 0;
};

struct RedisUrl {
    std::string host = "127.0.0.1";
    std::uint16_t port = 6379;
    std::string user{};  // of an ACL; empty: the default user
    std::string password{};
    int database = 0;
    bool tls = false;
    TlsFiles files{};

    std::vector<RedisHost> sentinels{};  // if not empty, they know the host and the port
    std::string primary{};               // the sentinels' name of the server
    std::string sentinel_user{};
    std::string sentinel_password{};

    std::string shown() const;  // for operators: redis://host:port/database, without a password
};

// Throws ConfigError. Its text contains no password either.
RedisUrl parseRedisUrl(std::string_view text);

// The URL with these files, if it asks for TLS and names none of its own.
std::string withTlsFiles(const std::string& url, const TlsFiles& files);

}  // namespace sheafline::redis
