#include <charconv>

#include <sheafline/streams/stream_hub.h>

namespace sheafline {

EventSource::~EventSource() = default;
StreamHub::~StreamHub() = default;

StreamPosition streamPosition(EventSource& source, std::string_view batch_id,
                              std::string_view last_event_id) {
    std::uint64_t id = 0;
    const char* end = last_event_id.data() + last_event_id.size();
    const auto [stop, error] = std::from_chars(last_event_id.data(), end, id);
    if (error != std::errc() || stop != end || id == 0) return {};
    const std::vector<StreamEvent> events = source.read(batch_id, id - 1, 2);
    if (events.empty()) return {};  // from the future
    const bool newest = events.size() == 1 && events.front().seq == id;
    return {.after = id, .finished = newest && events.front().kind != StreamEventKind::progress};
}

}  // namespace sheafline
