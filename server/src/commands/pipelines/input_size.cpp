#include "commands/pipelines/input_size.h"

#include <limits>

#include "zip/zip_directory.h"

namespace sheafline {

InputSize inputSize(const std::filesystem::path& input) {
    const extract::ArchiveFile file(input, input.filename().string());
    InputSize size{.packed_bytes = file.size(), .extracted_bytes = file.size()};
    constexpr std::size_t kMark = 4;
    if (file.size() < kMark) return size;
    const auto mark = file.read(0, kMark);
    if (mark[0] != 'P' || mark[1] != 'K') {
        if (mark[0] != '%') size.files = 1;  // one image
        return size;
    }
    constexpr auto kAny = std::numeric_limits<std::uint64_t>::max();
    const auto zip = extract::readZipDirectory(
        file, {.max_bytes = kAny, .max_entries = kAny, .max_entry_bytes = kAny, .max_ratio = 1e18});
    size.extracted_bytes = 0;
    size.files = 0;
    for (const extract::ZipEntry& entry : zip.entries) {
        if (entry.isFolder()) continue;
        ++*size.files;
        size.extracted_bytes += entry.size;
    }
    return size;
}

}  // namespace sheafline
