// The bytes of an upload on disk, and how many of them are durable. The next opening truncates
// bytes that were written but not durable, so that neither a crash nor a power cut leaves bytes
// that may be wrong. One thread at a time. Throws Error.
//
//     UploadFile file(folder);
//     file.write(bytes);
//     file.sync();  // now file.durable() counts them, after any crash
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include <sheafline/file_descriptor.h>

namespace sheafline {

class UploadFile {
 public:
    static void create(const std::filesystem::path& folder);
    static void createShared(const std::filesystem::path& folder);  // without a mark
    static std::uint64_t durableIn(const std::filesystem::path& folder);
    static std::filesystem::path bytesIn(const std::filesystem::path& folder);

    explicit UploadFile(const std::filesystem::path& folder);
    // Another server may have written bytes after the durable ones, and another place says how many
    // are durable. The file is never truncated: a server that has lost the upload without knowing
    // it yet would cut what the next one stores.
    UploadFile(const std::filesystem::path& folder, std::uint64_t durable);

    std::uint64_t durable() const { return durable_; }
    std::uint64_t written() const { return written_; }
    bool failed() const { return failed_; }  // a sync failed: nothing is written any more

    // Returns the errno of a disk that accepts no more (ENOSPC, EDQUOT, EROFS), otherwise 0;
    // written() returns the new size.
    int write(std::span<const char> bytes);
    void sync();
    void discard();  // forgets the bytes after the durable ones

 private:
    void requireDurableBytes(const std::filesystem::path& folder) const;

    FileDescriptor bytes_;
    FileDescriptor mark_;  // none for a shared upload
    std::uint64_t durable_ = 0;
    std::uint64_t written_ = 0;
    bool failed_ = false;
};

}  // namespace sheafline
