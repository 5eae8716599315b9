// redis-url = "redis://" [ [ user ] ":" password "@" ] host [ ":" port ] [ "/" [ database ] ]
// host      = name / IPv4 / "[" IPv6 "]"
#include <charconv>
#include <optional>

#include <Poco/Exception.h>
#include <Poco/URI.h>

#include <sheafline/error.h>
#include <sheafline/redis/redis_url.h>

namespace sheafline::redis {

namespace {

constexpr int kMostDatabases = 16'384;

// The text is not shown, because it may contain the password.
[[noreturn]] void refuse(const std::string& why) {
    throw ConfigError("the URL of Redis " + why +
                      "; write redis://[user:password@]host[:port][/database]");
}

std::string decoded(std::string_view text) {
    std::string plain;
    try {
        Poco::URI::decode(std::string(text), plain);
    } catch (const Poco::Exception&) {
        refuse("has a bad %XX in its user or password");
    }
    return plain;
}

std::optional<int> number(std::string_view text, int most) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    if (value < 0 || value > most) return std::nullopt;
    return value;
}

void readLogin(std::string_view login, RedisUrl& url) {
    const auto colon = login.find(':');
    if (colon == std::string_view::npos) refuse("has a user without a password");
    url.user = decoded(login.substr(0, colon));
    url.password = decoded(login.substr(colon + 1));
    if (url.password.empty()) refuse("has an empty password");
}

void readPlace(std::string_view place, RedisUrl& url) {
    const bool bracket = place.starts_with('[');
    const auto end = bracket ? place.find(']') : place.find(':');
    if (bracket && end == std::string_view::npos) refuse("has a '[' without its ']'");
    url.host = bracket ? place.substr(1, end - 1) : place.substr(0, end);
    if (url.host.empty()) refuse("has no host");
    std::string_view rest = place.substr(std::min(place.size(), bracket ? end + 1 : end));
    if (rest.empty()) return;
    const auto port = rest.starts_with(':') ? number(rest.substr(1), 65'535) : std::nullopt;
    if (!port || *port == 0) refuse("has a port that is not a number from 1 to 65535");
    url.port = static_cast<std::uint16_t>(*port);
}

}  // namespace

RedisUrl parseRedisUrl(std::string_view text) {
    constexpr std::string_view kScheme = "redis://";
    if (text.starts_with("rediss://")) {
        throw ConfigError(
            "the URL of Redis asks for TLS (rediss://), which sheafline does not speak: use "
            "redis:// inside a trusted network, or to a local end of a tunnel such as stunnel");
    }
    if (!text.starts_with(kScheme)) refuse("does not begin with redis://");
    text.remove_prefix(kScheme.size());
    RedisUrl url;
    if (const auto at = text.rfind('@'); at != std::string_view::npos) {
        readLogin(text.substr(0, at), url);
        text.remove_prefix(at + 1);
    }
    if (text.find_first_of("?#") != std::string_view::npos) refuse("has an unknown part");
    const auto slash = text.find('/');
    readPlace(text.substr(0, slash), url);
    if (slash == std::string_view::npos || slash + 1 == text.size()) return url;
    const auto database = number(text.substr(slash + 1), kMostDatabases);
    if (!database) refuse("has a database that is not a number");
    url.database = *database;
    return url;
}

std::string RedisUrl::shown() const {
    const bool v6 = host.find(':') != std::string::npos;
    return "redis://" + (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port) + "/" +
           std::to_string(database);
}

}  // namespace sheafline::redis
