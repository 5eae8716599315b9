#include "neighbours/redis_batches.h"

#include <charconv>
#include <utility>

#include <sheafline/redis/progress_keys.h>

#include "base/units.h"

namespace sheafline {

namespace {

using redis::Reply;

// KEYS log, meta; ARGV after, max. The log ends with the event that `seq` names and has no gap.
constexpr const char* kReadScript = R"lua(
local meta = redis.call('HMGET', KEYS[2], 'seq', 'state')
if not meta[1] then return false end
local seq, length = tonumber(meta[1]), redis.call('LLEN', KEYS[1])
local oldest = seq - length + 1
local from = math.max(tonumber(ARGV[1]) + 1, oldest)
local at = from - oldest
return {seq, meta[2] or '', from, redis.call('LRANGE', KEYS[1], at, at + tonumber(ARGV[2]) - 1)}
)lua";

std::uint64_t number(const std::string& text) {
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

}  // namespace

StreamEventKind kindOf(const std::string& state, std::uint64_t seq, std::uint64_t newest_seq) {
    if (seq != newest_seq) return StreamEventKind::progress;
    if (state == "completed") return StreamEventKind::complete;
    return state == "failed" || state == "cancelled" ? StreamEventKind::error
                                                     : StreamEventKind::progress;
}

RedisBatches::RedisBatches(redis::RedisUrl url) : url_(std::move(url)), read_script_(kReadScript) {}

// Runs `ask` with a separate connection.
template <typename Ask>
auto RedisBatches::with(Ask ask) {
    std::unique_ptr<redis::Connection> connection;
    {
        const std::lock_guard lock(mutex_);
        if (std::chrono::steady_clock::now() < blocked_until_)
            throw redis::RedisError(redis::ErrorKind::refused,
                                    "Redis failed a moment ago; try again");
        if (!idle_.empty()) {
            connection = std::move(idle_.back());
            idle_.pop_back();
        }
    }
    if (!connection) {
        connection = std::make_unique<redis::Connection>(
            redis::ConnectionOptions{.url = url_, .name = "sheafline-reader"});
    }
    try {
        auto answer = [&] {
            try {
                return ask(*connection);
            } catch (const redis::RedisError& error) {
                // An idle connection that was closed in the meantime: reading can be repeated.
                if (error.kind() != redis::ErrorKind::lost) throw;
                return ask(*connection);
            }
        }();
        const std::lock_guard lock(mutex_);
        backoff_.reset();
        idle_.push_back(std::move(connection));
        return answer;
    } catch (const redis::RedisError&) {
        const std::lock_guard lock(mutex_);
        blocked_until_ = std::chrono::steady_clock::now() + backoff_.next();
        idle_.clear();
        throw;
    }
}

void RedisBatches::answers() {
    const std::lock_guard lock(mutex_);
    blocked_until_ = {};
}

std::optional<RedisBatch> RedisBatches::find(const std::string& batch_id) {
    const redis::ProgressKeys keys(batch_id);
    const std::vector<redis::Command> commands{{"HGETALL", keys.meta}, {"GET", keys.current}};
    return with([&](redis::Connection& connection) -> std::optional<RedisBatch> {
        const auto replies = connection.pipeline(commands);
        auto fields = redis::fieldsOf(connection.checked(replies[0]));
        const Reply& newest = connection.checked(replies[1]);
        if (fields.empty() || newest.isNil()) return std::nullopt;
        return RedisBatch{.batch_id = batch_id,
                          .owner = std::move(fields["owner"]),
                          .state = std::move(fields["state"]),
                          .home = std::move(fields["home"]),
                          .status = std::move(fields["status"]),
                          .newest = newest.text,
                          .seq = number(fields["seq"])};
    });
}

bool RedisBatches::renew(const std::string& batch_id, std::chrono::milliseconds ttl) {
    const redis::ProgressKeys keys(batch_id);
    std::vector<redis::Command> commands;
    for (const std::string& key : {keys.current, keys.log, keys.started_at, keys.meta})
        commands.push_back({"PEXPIRE", key, std::to_string(ttl.count())});
    return with([&](redis::Connection& connection) {
        bool all = true;
        for (const Reply& reply : connection.pipeline(commands))
            all = connection.checked(reply).integer == 1 && all;
        return all;
    });
}

std::optional<RedisPage> RedisBatches::read(const std::string& batch_id, std::uint64_t after,
                                            std::size_t max) {
    const redis::ProgressKeys keys(batch_id);
    const redis::ScriptCall call{.keys = {keys.log, keys.meta},
                                 .arguments = {std::to_string(after), std::to_string(max)}};
    return with([&](redis::Connection& connection) -> std::optional<RedisPage> {
        const Reply reply = connection.eval(read_script_, call);
        if (reply.items.size() != 4) return std::nullopt;
        RedisPage page{.newest_seq = static_cast<std::uint64_t>(reply.items[0].integer)};
        auto seq = static_cast<std::uint64_t>(reply.items[2].integer);
        for (const Reply& event : reply.items[3].items) {
            auto kind = kindOf(reply.items[1].text, seq, page.newest_seq);
            // Not by the state: after a failed apply of decisions, the batch is as it was before.
            if (kind != StreamEventKind::progress)
                kind = event.text.starts_with(R"({"stage":"completed")") ? StreamEventKind::complete
                                                                         : StreamEventKind::error;
            page.events.push_back({.seq = seq, .kind = kind, .json = event.text});
            ++seq;
        }
        return page;
    });
}

std::function<bool(const std::string&)> keyRenewal(RedisBatches* batches, const std::string& ttl) {
    if (batches == nullptr) return {};
    const auto kept = parseDuration(ttl).value_or(std::chrono::hours(1));
    return [batches, kept](const std::string& batch_id) {
        try {
            return batches->renew(batch_id, kept);
        } catch (const redis::RedisError&) {
            return true;  // Redis is down: the next call finds out what it has lost
        }
    };
}

}  // namespace sheafline
