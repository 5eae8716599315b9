// The header fields of tus: Upload-Metadata and Upload-Checksum.
#include "fuzz_input.h"
#include "uploads/checksum.h"
#include "uploads/upload_metadata.h"

using namespace sheafline;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::textOf(data, size);
    if (const auto metadata = parseUploadMetadata(text)) fuzz::require(metadata->size() <= 32);
    if (const auto checksum = parseUploadChecksum(text)) {
        const bool sha1 = checksum->algorithm == ChecksumAlgorithm::sha1;
        fuzz::require(checksum->digest.size() == (sha1 ? 20U : 32U));
    }
    return 0;
}
