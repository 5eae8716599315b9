// A user's file, open for reading. Reads are positioned, so any thread may read. If the file
// shrinks meanwhile, a read throws an Error; it never raises a signal.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <sheafline/file_descriptor.h>

namespace sheafline::extract {

class ArchiveFile {
 public:
    // `name` is for messages. Throws Error if there is no such file, or if it is a folder, a pipe
    // or a device.
    ArchiveFile(const std::filesystem::path& path, std::string name);

    int descriptor() const { return file_.get(); }
    std::uint64_t size() const { return size_; }
    const std::string& name() const { return name_; }

    // Exactly `length` bytes; throws ARCHIVE_TRUNCATED if the file ends before.
    std::vector<std::uint8_t> read(std::uint64_t offset, std::size_t length) const;

 private:
    const std::string name_;
    FileDescriptor file_;
    std::uint64_t size_ = 0;
};

[[noreturn]] void throwTruncated(const std::string& name);

}  // namespace sheafline::extract
