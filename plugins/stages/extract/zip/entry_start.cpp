#include "entry_start.h"

#include <algorithm>
#include <zlib.h>

namespace sheafline::extract {

std::vector<std::uint8_t> startOf(const ZipArchive& archive, const ZipEntry& entry,
                                  std::size_t length) {
    const auto packed = archive.packed(entry);
    length = static_cast<std::size_t>(std::min<std::uint64_t>(length, entry.size));
    if (entry.method == ZipMethod::stored)
        return {packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(length)};
    std::vector<std::uint8_t> start(length);
    z_stream stream{};
    constexpr int kRaw = -MAX_WBITS;
    if (::inflateInit2(&stream, kRaw) != Z_OK) return {};
    constexpr std::size_t kEnough = 64U << 10U;
    stream.next_in = const_cast<Bytef*>(packed.data());
    stream.avail_in = static_cast<uInt>(std::min(packed.size(), kEnough));
    stream.next_out = start.data();
    stream.avail_out = static_cast<uInt>(length);
    static_cast<void>(::inflate(&stream, Z_SYNC_FLUSH));
    start.resize(length - stream.avail_out);
    ::inflateEnd(&stream);
    return start;
}

}  // namespace sheafline::extract
