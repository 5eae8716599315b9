#include "write_all.h"

#include <cerrno>
#include <unistd.h>

#include <sheafline/error.h>

namespace sheafline::extract {

void writeAll(const FileDescriptor& file, std::span<const std::uint8_t> bytes,
              const std::filesystem::path& path) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(file.get(), bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throwSystemError(errno, "cannot write " + path.filename().string());
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
}

}  // namespace sheafline::extract
