// A file that is published as a whole or not at all: bytes go to NAME.tmp, and publish() makes them
// durable under NAME (fsync, rename, fsync of the folder). Without publish() the destructor leaves
// NAME.tmp for a later resume. One thread at a time. Throws Error with codes such as DISK_FULL.
// After a write or fsync that failed, the bytes on the disk are unknown: every later call throws
// FILE_GIVEN_UP, and the stage starts over from its last checkpoint.
//
//     DurableFile file(run.folder() / "math.csv");
//     file.write(header);
//     file.publish();
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include <sheafline/export.h>
#include <sheafline/file_descriptor.h>

namespace sheafline {

class SHEAFLINE_API DurableFile {
 public:
    // Opens NAME.tmp; keeps its first `keep_bytes` bytes and truncates the rest. Throws if it has
    // fewer bytes.
    explicit DurableFile(std::filesystem::path path, std::uint64_t keep_bytes = 0);
    DurableFile(const DurableFile&) = delete;
    DurableFile& operator=(const DurableFile&) = delete;

    void write(std::string_view bytes);
    void sync();     // all bytes written so far are durable when it returns
    void publish();  // call it once, at the end
    std::uint64_t size() const { return size_; }

 private:
    enum class State { open, failed, published };

    void require(State state);

    std::filesystem::path path_;
    FileDescriptor file_;
    std::uint64_t size_ = 0;
    State state_ = State::open;
};

// Makes a rename or a new name in `folder` durable.
SHEAFLINE_API void syncFolder(const std::filesystem::path& folder);

// Creates `folder` and those of its parents that are missing. Each new name is durable, so
// published files below it exist after a power cut.
SHEAFLINE_API void createFolders(const std::filesystem::path& folder);

}  // namespace sheafline
