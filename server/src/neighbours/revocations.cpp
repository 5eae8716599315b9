#include "neighbours/revocations.h"

#include <cstdlib>
#include <utility>

namespace sheafline {

namespace {

constexpr const char* kKey = "sheafline:revoked";  // and the channel

}  // namespace

Revocations::Revocations(const redis::RedisUrl& url,
                         std::function<void(const std::string& session)> ended, Log& log)
    : ended_(std::move(ended)),
      connection_({.url = url, .name = "sheafline-sessions"}),
      subscriber_(
          {.url = url, .name = "sheafline-sessions"},
          {.heard = [this](std::string_view) { onHeard(); },
           .message = [this](std::string_view, std::string_view message) { onMessage(message); },
           .state =
               [this, &log](const redis::RedisError* error) {
                   if (error == nullptr)
                       return log.info("sessions that end on other servers are received again");
                   heard_ = false;
                   log.warning(
                       std::string("sessions that end on other servers are not received: ") +
                       error->what());
               }}) {
    subscriber_.subscribe(kKey);
}

bool Revocations::has(const std::string& session) {
    const std::lock_guard lock(mutex_);
    return until_.contains(session);
}

void Revocations::add(const std::string& session, std::int64_t until) {
    {
        const std::lock_guard lock(mutex_);
        if (!until_.insert_or_assign(session, until).second) return;
    }
    ++revision_;
    if (ended_) ended_(session);
}

void Revocations::onHeard() {
    forgotten_ = true;  // it may be another Redis, or an empty one
    try {
        const std::lock_guard lock(connection_mutex_);
        const auto all = connection_.run({"ZRANGE", kKey, "0", "-1", "WITHSCORES"});
        for (const auto& [session, until] : redis::fieldsOf(all))
            add(session, std::strtoll(until.c_str(), nullptr, 10));
        heard_ = true;
    } catch (const redis::RedisError&) {
        subscriber_.subscribe(kKey);  // subscribes again, and then reads again
    }
}

// "HASH UNTIL"
void Revocations::onMessage(std::string_view message) {
    const auto space = message.find(' ');
    if (space == std::string_view::npos) return;
    add(std::string(message.substr(0, space)),
        std::strtoll(std::string(message.substr(space + 1)).c_str(), nullptr, 10));
}

void Revocations::tell(const std::string& session, std::int64_t until) {
    const std::vector<redis::Command> commands{
        {"ZADD", kKey, std::to_string(until), session},
        {"PUBLISH", kKey, session + ' ' + std::to_string(until)}};
    {
        const std::lock_guard lock(connection_mutex_);
        for (const auto& reply : connection_.pipeline(commands)) connection_.checked(reply);
    }
    add(session, until);  // known here before the message comes back
}

bool Revocations::tellNews(AccountStore& accounts, std::int64_t now) {
    if (forgotten_.exchange(false)) told_ = 0;
    try {
        for (const EndedSession& ended : accounts.endedAfter(told_, now)) {
            tell(ended.session, ended.until);
            told_ = ended.number;
        }
        return true;
    } catch (const redis::RedisError&) {
        return false;  // the subscriber reports the loss; the rest is published when Redis is back
    }
}

void Revocations::forget(std::int64_t now) {
    {
        const std::lock_guard lock(mutex_);
        std::erase_if(until_, [now](const auto& one) { return one.second < now; });
    }
    try {
        const std::lock_guard lock(connection_mutex_);
        connection_.run({"ZREMRANGEBYSCORE", kKey, "-inf", "(" + std::to_string(now)});
    } catch (const redis::RedisError&) {
        // The next sweep tries again.
    }
}

}  // namespace sheafline
