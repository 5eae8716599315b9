// A chunked body. It must be read the same whether it arrives at once or byte by byte.
#include "fuzz_input.h"
#include "http/message/body_decoder.h"

using namespace sheafline;
using namespace sheafline::http;

namespace {

constexpr std::uint64_t kLimit = 1U << 16U;

struct Outcome {
    std::string body{};
    std::size_t used = 0;
    bool done = false;
    int status = 0;

    bool operator==(const Outcome&) const = default;
};

Outcome decoded(std::string_view bytes, std::size_t step, std::size_t room) {
    RequestHead head;
    head.chunked = true;
    BodyDecoder decoder(head, kLimit);
    Outcome outcome;
    try {
        while (!decoder.done() && outcome.used < bytes.size()) {
            const std::size_t used =
                decoder.decode(bytes.substr(outcome.used, step), outcome.body, room);
            fuzz::require(used > 0);
            outcome.used += used;
        }
    } catch (const HttpError& error) {
        outcome.status = error.problem().status;
        outcome.used = 0;  // the place where it is noticed depends on the pieces
        outcome.body.clear();
    }
    outcome.done = decoder.done();
    return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::textOf(data, size);
    const Outcome whole = decoded(bytes, bytes.size() + 1, kLimit * 2);
    fuzz::require(whole.body.size() <= kLimit);
    fuzz::require(whole == decoded(bytes, 1, 1));
    return 0;
}
