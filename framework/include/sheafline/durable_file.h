// A file that is either whole or not there: bytes go to NAME.tmp, and publish() makes them durable
// under NAME (fsync, rename, fsync of the folder). Without publish() the destructor leaves NAME.tmp
// for a later resume. One thread at a time. Throws Error with codes such as DISK_FULL; after a
// failed fsync the file is given up.
//
//     DurableFile file(run.folder() / "math.csv");
//     file.write(header);
//     file.publish();
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include <sheafline/export.h>

namespace sheafline {

class SHEAFLINE_API DurableFile {
 public:
    // Opens NAME.tmp; keeps its first `keep_bytes` bytes and cuts the rest off. Throws where fewer
    // are there.
    explicit DurableFile(std::filesystem::path path, std::uint64_t keep_bytes = 0);
    ~DurableFile();
    DurableFile(const DurableFile&) = delete;
    DurableFile& operator=(const DurableFile&) = delete;

    void write(std::string_view bytes);
    void sync();     // all bytes written so far are durable when it returns
    void publish();  // once, last
    std::uint64_t size() const { return size_; }

 private:
    std::filesystem::path path_;
    int fd_ = -1;
    std::uint64_t size_ = 0;
};

// Makes a rename or a new name in `folder` durable.
SHEAFLINE_API void syncFolder(const std::filesystem::path& folder);

}  // namespace sheafline
