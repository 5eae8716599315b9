#include "client/sse_parser.h"

#include <charconv>
#include <utility>

#include <sheafline/error.h>

namespace sheafline {

namespace {

constexpr std::size_t kLongestLine = std::size_t{4} << 20U;

}  // namespace

std::vector<SseMessage> SseParser::take(std::string_view bytes) {
    std::vector<SseMessage> messages;
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        line_ += bytes.substr(0, end);
        if (line_.size() > kLongestLine)
            throw Error(ErrorClass::permanent, "STREAM_TOO_LONG",
                        "a line of the stream is longer than 4 MiB");
        if (end == std::string_view::npos) break;
        bytes.remove_prefix(end + 1);
        if (line_.ends_with('\r')) line_.pop_back();
        takeLine(line_, messages);
        line_.clear();
    }
    return messages;
}

void SseParser::takeLine(std::string_view line, std::vector<SseMessage>& messages) {
    if (line.empty()) {
        SseMessage ended = std::exchange(message_, {});
        if (!std::exchange(has_data_, false)) return;
        if (ended.name.empty()) ended.name = "message";
        messages.push_back(std::move(ended));
        return;
    }
    if (line.front() == ':') {
        messages.emplace_back();
        return;
    }
    const std::size_t colon = line.find(':');
    std::string_view value;
    if (colon != std::string_view::npos) value = line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    takeField(line.substr(0, colon), value);
}

void SseParser::takeField(std::string_view name, std::string_view value) {
    if (name == "event") message_.name = value;
    if (name == "id") message_.id = value;
    if (name == "data") {
        if (has_data_) message_.data += '\n';
        message_.data += value;
        has_data_ = true;
    }
    if (name != "retry") return;
    long milliseconds = 0;
    const char* end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, milliseconds);
    if (error == std::errc() && stop == end && milliseconds >= 0)
        retry_ = std::chrono::milliseconds(milliseconds);
}

}  // namespace sheafline
