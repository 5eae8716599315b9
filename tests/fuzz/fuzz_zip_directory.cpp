// The directory of a ZIP archive, and its entries if they are small.
#include <sheafline/error.h>

#include "fuzz_input.h"
#include "zip/zip_archive.h"

using namespace sheafline;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const fuzz::MemoryFile file(data, size);
    try {
        const extract::ZipArchive archive(file.path(), "fuzz.zip",
                                          {.max_bytes = 1U << 20U,
                                           .max_entries = 1000,
                                           .max_entry_bytes = 1U << 18U,
                                           .max_ratio = 200});
        extract::Inflater inflater(archive);
        std::vector<std::uint8_t> buffer;
        for (const auto& entry : archive.entries()) {
            fuzz::require(!entry.name.empty() && entry.name.front() != '/');
            fuzz::require(entry.data_offset + entry.packed_size <= size);
            try {
                inflater.inflate(entry, buffer);
                fuzz::require(buffer.size() == entry.size);
            } catch (const Error&) {  // the entry alone
            }
        }
    } catch (const Error&) {  // rejected
    }
    return 0;
}
