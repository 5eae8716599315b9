// The sink itself: committed events to the keys of their batches, in order, each once. What Redis
// lost comes back from the history. Every trouble is an Error whose code names it; the same events
// come again.
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
    std::chrono::milliseconds ttl{};  // of a batch's keys, from its newest event on
    std::int64_t log_cap = 0;         // events in a batch's log
    std::string home{};               // URL of the server that has the history; empty: none
};

class RedisSink : public Sink {
 public:
    explicit RedisSink(RedisSinkOptions options);

    void attach(SinkHistory& history) override { history_ = &history; }
    void deliver(std::span<const CommittedEvent> events) override;

 private:
    using Events = std::vector<const CommittedEvent*>;  // of one batch, without a hole
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
    SinkHistory* history_ = nullptr;  // from attach() on
};

}  // namespace sheafline::redis
