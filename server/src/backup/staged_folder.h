// A folder that appears under its name as a whole or not at all: it is filled as NAME.partial, and
// publish() renames it. One process at a time fills it; what a killed one left is removed. Without
// publish(), such as after an error, the destructor removes NAME.partial.
#pragma once

#include <filesystem>

#include <sheafline/file_descriptor.h>

namespace sheafline {

class StagedFolder {
 public:
    // Throws ConfigError if `target` exists and is not an empty folder, or if another process fills
    // it now.
    explicit StagedFolder(const std::filesystem::path& target);

    ~StagedFolder();
    StagedFolder(const StagedFolder&) = delete;
    StagedFolder& operator=(const StagedFolder&) = delete;

    const std::filesystem::path& path() const { return staging_; }  // to be filled
    void publish();  // makes the folder and its name durable; the files in it are so already

 private:
    void requireFree() const;
    void takeLock();

    const std::filesystem::path target_;
    const std::filesystem::path staging_;
    FileDescriptor lock_;
    bool published_ = false;
};

}  // namespace sheafline
