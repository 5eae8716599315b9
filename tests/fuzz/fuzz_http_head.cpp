// The head of a request. It must be read the same whether it arrives at once or byte by byte.
#include "fuzz_input.h"
#include "http/message/request_head.h"

using namespace sheafline;
using namespace sheafline::http;

namespace {

constexpr std::size_t kMostBytes = 16U << 10U;
constexpr std::size_t kMostFields = 64;

// Length of the head; 0: incomplete, -1: rejected.
long scanned(std::string_view bytes, std::size_t step) {
    HeadScanner scanner(kMostBytes, kMostFields);
    try {
        for (std::size_t end = std::min(step, bytes.size());; end += step) {
            end = std::min(end, bytes.size());
            if (const auto length = scanner.scan(bytes.substr(0, end)))
                return static_cast<long>(*length);
            if (end == bytes.size()) return 0;
        }
    } catch (const HttpError&) {
        return -1;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::textOf(data, size);
    const long length = scanned(bytes, bytes.size() + 1);
    fuzz::require(length == scanned(bytes, 1));
    if (length <= 0) return 0;
    try {
        const RequestHead head = parseHead(bytes.substr(0, static_cast<std::size_t>(length)));
        // Only `OPTIONS *` has no path.
        fuzz::require(!head.segments.empty() || head.method == "OPTIONS");
        fuzz::require(isToken(head.method));
        for (const std::string& segment : head.segments)
            fuzz::require(segment != ".." && segment.find('/') == std::string::npos);
        fuzz::require(!(head.chunked && head.content_length));
    } catch (const HttpError&) {  // rejected
    }
    return 0;
}
