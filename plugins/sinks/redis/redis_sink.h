// Writes committed events to the keys of their batches, in order, each once. Restores from the
// history what Redis lost. Every failure is an Error with a code; the same events are delivered
// again.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <sheafline/redis/connection.h>
#include <sheafline/sink.h>

namespace sheafline::redis {

struct RedisSinkOptions {
    ConnectionOptions connection{};
    std::chrono::milliseconds ttl{};  // lifetime of a batch's keys after its newest event
    std::int64_t log_cap = 0;         // events in a batch's log
};

class RedisSink : public Sink {
 public:
    explicit RedisSink(RedisSinkOptions options);

    void attach(SinkHistory& history) override { history_ = &history; }
    void deliver(std::span<const CommittedEvent> events) override;

 private:
    using Events = std::vector<const CommittedEvent*>;  // of one batch, without a gap
    struct Run {
        std::string batch_id{};
        BatchView view{};
        Events events{};
    };

    void store(std::span<const CommittedEvent> events);
    std::vector<Run> runsOf(std::span<const CommittedEvent> events) const;
    void rebuild(const Run& run, std::uint64_t last_seq);
    ScriptCall callOf(const Run& run, const char* mode) const;
    bool taken(const Run& run, const Reply& reply);

    const RedisSinkOptions options_;
    const Script script_;
    Connection connection_;
    SinkHistory* history_ = nullptr;  // set by attach()
};

}  // namespace sheafline::redis
