// A change as the batch process sends it. A decoded change must survive encoding and decoding.
#include <sheafline/error.h>

#include "fuzz_input.h"
#include "history/change.h"
#include "history/change_wire.h"

using namespace sheafline;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        const std::string once = encode(decodeChange(fuzz::textOf(data, size)));
        fuzz::require(encode(decodeChange(once)) == once);
    } catch (const Error&) {  // rejected
    }
    return 0;
}
