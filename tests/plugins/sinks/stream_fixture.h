// A history in memory, and clients that read event streams over real sockets.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/sink.h>
#include <sheafline/streams/stream_hub.h>

#include "hub_loop.h"

namespace sheafline::sse::test {

// Events as the history commits them before it passes them to the hub.
class MemoryHistory : public EventSource {
 public:
    std::vector<StreamEvent> read(std::string_view batch_id, std::uint64_t after_seq,
                                  std::size_t max) override;

    // Commits the next event of a batch and returns it, not yet published.
    CommittedEvent commit(const std::string& batch_id, const std::string& stage);
    void commitAndPublish(HubLoop& hub, const std::string& batch_id, const std::string& stage);
    void newExecution(const std::string& batch_id);  // its final events now count as progress
    void forget(const std::string& batch_id, std::uint64_t up_to);

 private:
    struct Batch {
        std::uint64_t newest = 0;
        std::vector<StreamEvent> events{};
    };
    std::mutex mutex_;
    std::map<std::string, Batch, std::less<>> batches_;
    std::int64_t event_id_ = 0;
};

struct SeenEvent {
    std::string name{};
    std::string id{};
    std::string data{};
};

// The client's end of a connection whose other end the hub has adopted.
class StreamReader {
 public:
    StreamReader(HubLoop& hub, EventSource& source, StreamClient client, int buffer_bytes = 0);
    ~StreamReader();
    StreamReader(const StreamReader&) = delete;
    StreamReader& operator=(const StreamReader&) = delete;

    // The next event, or one without a name at the end of the stream.
    SeenEvent next();
    // All events up to the end, for example "progress:1 gap complete:2".
    std::string rest();
    std::uint64_t lastId() const { return last_id_; }
    bool endedWell() const { return ended_well_; }  // including the last chunk, if there are chunks
    int beats() const { return beats_; }
    bool sawRetry() const { return saw_retry_; }
    bool waitForBeats(int count);
    void close();

 private:
    bool readMore();
    bool takeChunk();
    bool takeEvent(SeenEvent& event);

    int fd_ = -1;
    bool chunked_;
    bool ended_ = false;
    bool ended_well_ = false;
    bool saw_retry_ = false;
    int beats_ = 0;
    std::uint64_t last_id_ = 0;
    std::string raw_{};
    std::string text_{};
};

}  // namespace sheafline::sse::test
