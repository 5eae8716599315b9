#include "neighbours/remote_streams.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <utility>
#include <vector>

#include <sheafline/redis/progress_keys.h>

namespace sheafline {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kHomePatience{2};
constexpr std::chrono::seconds kKeepEnded{60};
constexpr std::chrono::hours kKeepSilent{13};  // longer than any stream lasts
constexpr std::size_t kPage = 500;

std::string batchOf(std::string_view channel) {
    constexpr std::string_view kBegin = "batch:";
    constexpr std::string_view kEnd = ":progress";
    if (!channel.starts_with(kBegin) || !channel.ends_with(kEnd)) return {};
    channel.remove_prefix(kBegin.size());
    channel.remove_suffix(kEnd.size());
    return std::string(channel);
}

// Quotes within JSON strings are escaped, so this text cannot occur anywhere else.
std::uint64_t seqOf(std::string_view event) {
    constexpr std::string_view kMark = ",\"seq\":";
    const auto at = event.find(kMark);
    std::uint64_t seq = 0;
    if (at != std::string_view::npos)
        std::from_chars(event.data() + at + kMark.size(), event.data() + event.size(), seq);
    return seq;
}

bool endsExecution(std::string_view event) {
    constexpr auto kFinal = std::to_array<std::string_view>(
        {R"({"stage":"completed")", R"({"stage":"failed")", R"({"stage":"cancelled")"});
    return std::ranges::any_of(kFinal, [&](auto begin) { return event.starts_with(begin); });
}

}  // namespace

RemoteStreams::RemoteStreams(const redis::RedisUrl& url, RedisBatches& batches,
                             RemoteEvents& events, Sink& hub, Log& log)
    : batches_(batches),
      events_(events),
      hub_(hub),
      subscriber_(
          {.url = url, .name = "sheafline-streams"},
          {.heard = [this](std::string_view channel) { onHeard(channel); },
           .message = [this](std::string_view channel,
                             std::string_view message) { onMessage(channel, message); },
           .state =
               [&log](const redis::RedisError* error) {
                   if (error != nullptr)
                       log.warning(std::string("streams of other servers' batches are waiting: ") +
                                   error->what());
                   else
                       log.info("streams of other servers' batches continue");
               }}) {}

void RemoteStreams::watch(const std::string& batch_id) {
    std::unique_lock lock(mutex_);
    const auto [place, added] = watched_.try_emplace(batch_id);
    if (added) {
        place->second.since = Clock::now();
        subscriber_.subscribe(redis::ProgressKeys(batch_id).channel);
    }
    const bool heard = heard_.wait_for(lock, kHomePatience, [&] {
        const auto found = watched_.find(batch_id);
        return found != watched_.end() && found->second.heard;
    });
    if (!heard)
        throw redis::RedisError(redis::ErrorKind::timeout,
                                "Redis does not confirm the subscription in time");
}

void RemoteStreams::sweep() {
    const std::lock_guard lock(mutex_);
    for (auto at = watched_.begin(); at != watched_.end();) {
        const Watched& one = at->second;
        const auto silent = Clock::now() - one.since;
        const bool keep = one.ended ? silent < kKeepEnded : silent < kKeepSilent;
        if (!keep) subscriber_.unsubscribe(redis::ProgressKeys(at->first).channel);
        at = keep ? std::next(at) : watched_.erase(at);
    }
}

std::uint64_t RemoteStreams::deliveredOf(const std::string& batch_id, bool& known) {
    const std::lock_guard lock(mutex_);
    const auto found = watched_.find(batch_id);
    known = found != watched_.end() && found->second.heard;
    return known ? found->second.delivered : 0;
}

void RemoteStreams::onHeard(std::string_view channel) {
    const std::string batch_id = batchOf(channel);
    batches_.answers();
    bool again = false;
    const std::uint64_t delivered = deliveredOf(batch_id, again);
    try {
        if (again) return catchUp(batch_id, delivered);
        // A new client reads all of this; later events arrive by subscription.
        const auto page = batches_.read(batch_id, 0, 1);
        const std::lock_guard lock(mutex_);
        const auto found = watched_.find(batch_id);
        if (found == watched_.end()) return;
        found->second.heard = true;
        found->second.delivered = page ? page->newest_seq : 0;
        heard_.notify_all();
    } catch (const redis::RedisError&) {
        subscriber_.subscribe(std::string(channel));  // subscribes again, and then reads again
    }
}

void RemoteStreams::onMessage(std::string_view channel, std::string_view message) {
    const std::string batch_id = batchOf(channel);
    const std::uint64_t seq = seqOf(message);
    bool known = false;
    std::uint64_t delivered = deliveredOf(batch_id, known);
    if (!known || seq <= delivered) return;
    try {
        if (seq > delivered + 1) catchUp(batch_id, delivered);
    } catch (const redis::RedisError&) {
        // The hub detects the gap; its clients reconnect and read the missing events.
    }
    delivered = deliveredOf(batch_id, known);
    if (known && seq > delivered)
        deliver(batch_id, seq, std::string(message), endsExecution(message));
}

void RemoteStreams::catchUp(const std::string& batch_id, std::uint64_t after) {
    while (true) {
        const auto events = events_.read(batch_id, after, kPage);
        for (const StreamEvent& event : events) {
            if (event.seq <= after) continue;
            deliver(batch_id, event.seq, event.json, event.kind != StreamEventKind::progress);
            after = event.seq;
        }
        if (events.size() < kPage) return;
    }
}

void RemoteStreams::deliver(const std::string& batch_id, std::uint64_t seq, std::string json,
                            bool ends) {
    const CommittedEvent event{.batch_id = batch_id, .seq = seq, .json = std::move(json)};
    hub_.deliver({&event, 1});
    const std::lock_guard lock(mutex_);
    const auto found = watched_.find(batch_id);
    if (found == watched_.end()) return;
    found->second.delivered = seq;
    found->second.ended = ends;
    found->second.since = Clock::now();
}

}  // namespace sheafline
