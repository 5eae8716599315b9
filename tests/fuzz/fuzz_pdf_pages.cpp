// The pages of a PDF: what is taken out of it has the size that it says.
#include <algorithm>
#include <fcntl.h>

#include "document.h"
#include "fuzz_input.h"

using namespace sheafline;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::uint64_t kMostImageBytes = 1U << 20U;
    constexpr std::uint64_t kHeads = 64U << 10U;
    constexpr std::size_t kMostPages = 4;
    const fuzz::MemoryFile file(data, size);
    try {
        pdf::Document document(::open(file.path().c_str(), O_RDONLY | O_CLOEXEC));
        fuzz::require(document.pages() > 0);
        for (std::size_t number = 1; number <= std::min(document.pages(), kMostPages); ++number) {
            const pdf::Page page = document.page(number, kMostImageBytes);
            fuzz::require(!page.bytes.empty());
            fuzz::require(page.bytes.size() <= kMostImageBytes + kHeads);
        }
    } catch (const pdf::UnreadableFile&) {  // rejected
    }
    return 0;
}
