#include "event_frame.h"

#include <array>
#include <charconv>

namespace sheafline::sse {

namespace {

std::string_view nameOf(StreamEventKind kind) {
    switch (kind) {
        case StreamEventKind::progress:
            return "progress";
        case StreamEventKind::complete:
            return "complete";
        case StreamEventKind::error:
            return "error";
    }
    return "progress";
}

void appendNumber(std::string& bytes, std::uint64_t number, int base) {
    std::array<char, 24> digits;
    const auto [end, error] =
        std::to_chars(digits.data(), digits.data() + digits.size(), number, base);
    bytes.append(digits.data(), end);
}

}  // namespace

StreamEventKind kindOf(std::string_view json) {
    constexpr std::string_view kStage = R"({"stage":")";
    if (!json.starts_with(kStage)) return StreamEventKind::progress;
    json.remove_prefix(kStage.size());
    const std::string_view stage = json.substr(0, json.find('"'));
    if (stage == "completed") return StreamEventKind::complete;
    return stage == "failed" || stage == "cancelled" ? StreamEventKind::error
                                                     : StreamEventKind::progress;
}

void appendEvent(std::string& bytes, std::uint64_t seq, StreamEventKind kind,
                 std::string_view json) {
    bytes.append("event: ").append(nameOf(kind)).append("\nid: ");
    appendNumber(bytes, seq, 10);
    bytes.append("\ndata: ").append(json).append("\n\n");
}

std::string controlEvent(std::string_view name, std::string_view json) {
    std::string bytes = "event: ";
    return bytes.append(name).append("\ndata: ").append(json).append("\n\n");
}

std::string retryLine(std::uint64_t ms) { return "retry: " + std::to_string(ms) + "\n\n"; }

std::string framed(std::string_view bytes, bool chunked) {
    if (!chunked) return std::string(bytes);
    std::string chunk;
    chunk.reserve(bytes.size() + 16);
    appendNumber(chunk, bytes.size(), 16);
    return chunk.append("\r\n").append(bytes).append("\r\n");
}

}  // namespace sheafline::sse
