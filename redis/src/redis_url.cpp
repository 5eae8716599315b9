// redis-url = ("redis" / "rediss") "://" [ login ] host [ "/" [ database ] ] [ query ]
//           / ("redis+sentinel" / "rediss+sentinel") "://" [ login ] host *("," host) "/" primary
//             [ "/" [ database ] ] [ query ]
// login     = [ user ] ":" password "@"
// host      = ( name / IPv4 / "[" IPv6 "]" ) [ ":" port ]
// query     = "?" name "=" value *("&" name "=" value)
#include <charconv>
#include <optional>

#include <Poco/Exception.h>
#include <Poco/URI.h>

#include <sheafline/error.h>
#include <sheafline/redis/redis_url.h>

namespace sheafline::redis {

namespace {

constexpr int kMostDatabases = 16'384;
constexpr std::uint16_t kRedisPort = 6379;
constexpr std::uint16_t kSentinelPort = 26'379;

// The URL itself is not shown: it may contain the password.
[[noreturn]] void rejectUrl(const std::string& why) {
    throw ConfigError("the URL of Redis " + why +
                      "; write redis://[user:password@]host[:port][/database], with rediss:// for "
                      "TLS, or redis+sentinel://host,host/primary");
}

std::string decoded(std::string_view text) {
    std::string plain;
    try {
        Poco::URI::decode(std::string(text), plain);
    } catch (const Poco::Exception&) {
        rejectUrl("has an invalid %XX");
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

// Takes the text up to `separator` from the front of `rest`, and the separator.
std::string_view takeUntil(std::string_view& rest, char separator) {
    const auto end = std::min(rest.find(separator), rest.size());
    const std::string_view part = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return part;
}

void readScheme(std::string_view& text, RedisUrl& url, bool& sentinel) {
    const auto end = text.find("://");
    const std::string_view scheme = text.substr(0, end == std::string_view::npos ? 0 : end);
    if (scheme == "redis+cluster" || scheme == "rediss+cluster") {
        throw ConfigError(
            "the URL of Redis names a Redis Cluster, which is not supported because all keys of a "
            "batch must be on one server; use a single Redis with replicas, or redis+sentinel://");
    }
    url.tls = scheme == "rediss" || scheme == "rediss+sentinel";
    sentinel = scheme == "redis+sentinel" || scheme == "rediss+sentinel";
    if (!url.tls && !sentinel && scheme != "redis") rejectUrl("does not begin with redis://");
    text.remove_prefix(scheme.size() + 3);
}

void readLogin(std::string_view login, RedisUrl& url) {
    const auto colon = login.find(':');
    if (colon == std::string_view::npos) rejectUrl("has a user without a password");
    url.user = decoded(login.substr(0, colon));
    url.password = decoded(login.substr(colon + 1));
    if (url.password.empty()) rejectUrl("has an empty password");
}

RedisHost hostOf(std::string_view place, std::uint16_t default_port) {
    const bool bracket = place.starts_with('[');
    const auto end = bracket ? place.find(']') : place.find(':');
    if (bracket && end == std::string_view::npos) rejectUrl("has a '[' without its ']'");
    const auto name = bracket ? place.substr(1, end - 1) : place.substr(0, end);
    if (name.empty()) rejectUrl("has no host");
    std::string_view rest = place.substr(std::min(place.size(), bracket ? end + 1 : end));
    if (rest.empty()) return {.name = std::string(name), .port = default_port};
    const auto port = rest.starts_with(':') ? number(rest.substr(1), 65'535) : std::nullopt;
    if (!port || *port == 0) rejectUrl("has a port that is not a number from 1 to 65535");
    return {.name = std::string(name), .port = static_cast<std::uint16_t>(*port)};
}

void readDatabase(std::string_view text, RedisUrl& url) {
    if (text.empty()) return;
    const auto database = number(text, kMostDatabases);
    if (!database) rejectUrl("has a database that is not a number");
    url.database = *database;
}

void readQuery(std::string_view query, RedisUrl& url, bool sentinel) {
    while (!query.empty()) {
        std::string_view field = takeUntil(query, '&');
        const std::string_view name = takeUntil(field, '=');
        std::string value = decoded(field);
        if (value.empty()) rejectUrl("has an option without a value");
        if (url.tls && name == "ca") {
            url.files.ca = std::move(value);
        } else if (url.tls && name == "cert") {
            url.files.certificate = std::move(value);
        } else if (url.tls && name == "key") {
            url.files.key = std::move(value);
        } else if (sentinel && name == "sentinel_user") {
            url.sentinel_user = std::move(value);
        } else if (sentinel && name == "sentinel_password") {
            url.sentinel_password = std::move(value);
        } else {
            rejectUrl(
                "has an unknown option (rediss:// has ca, cert and key; redis+sentinel:// has "
                "sentinel_user and sentinel_password)");
        }
    }
    if (url.files.certificate.empty() != url.files.key.empty())
        rejectUrl("has only one of the options cert and key");
}

std::string shownHost(const std::string& name, std::uint16_t port) {
    const bool v6 = name.find(':') != std::string::npos;
    return (v6 ? "[" + name + "]" : name) + ":" + std::to_string(port);
}

}  // namespace

RedisUrl parseRedisUrl(std::string_view text) {
    RedisUrl url;
    bool sentinel = false;
    readScheme(text, url, sentinel);
    if (const auto at = text.rfind('@'); at != std::string_view::npos) {
        readLogin(text.substr(0, at), url);
        text.remove_prefix(at + 1);
    }
    if (text.find('#') != std::string_view::npos) rejectUrl("has an unknown part");
    std::string_view rest = takeUntil(text, '?');
    std::string_view hosts = takeUntil(rest, '/');
    if (sentinel) {
        do {
            url.sentinels.push_back(hostOf(takeUntil(hosts, ','), kSentinelPort));
        } while (!hosts.empty());
        url.primary = decoded(takeUntil(rest, '/'));
        if (url.primary.empty()) rejectUrl("does not name the primary that the sentinels watch");
    } else {
        RedisHost host = hostOf(hosts, kRedisPort);
        url.host = std::move(host.name);
        url.port = host.port;
    }
    readDatabase(rest, url);
    readQuery(text, url, sentinel);
    return url;
}

std::string withTlsFiles(const std::string& url, const TlsFiles& files) {
    const RedisUrl parts = parseRedisUrl(url);
    if (!parts.tls) return url;
    std::string text = url;
    const auto add = [&](const char* name, const std::string& file) {
        if (file.empty()) return;
        std::string value;
        Poco::URI::encode(file, "?&=#%@+", value);
        text += (text.find('?') == std::string::npos ? '?' : '&') + std::string(name) + value;
    };
    if (parts.files.ca.empty()) add("ca=", files.ca);
    if (parts.files.certificate.empty()) {
        add("cert=", files.certificate);
        add("key=", files.key);
    }
    return text;
}

std::string RedisUrl::shown() const {
    std::string text = tls ? "rediss" : "redis";
    if (sentinels.empty()) {
        text += "://" + shownHost(host, port);
    } else {
        text += "+sentinel:";
        for (const RedisHost& one : sentinels)
            text += (&one == &sentinels.front() ? "//" : ",") + shownHost(one.name, one.port);
        text += "/" + primary;
    }
    return text + "/" + std::to_string(database);
}

}  // namespace sheafline::redis
