// A private folder of a worker for unpacked and fetched files; the destructor removes it. The next
// worker in the same place removes the folders of killed workers.
#pragma once

#include <filesystem>

#include <sheafline/file_descriptor.h>

namespace sheafline {

class WorkerFolder {
 public:
    // If `place` is empty, the folder for temporary files is used.
    explicit WorkerFolder(const std::filesystem::path& place);
    ~WorkerFolder();
    WorkerFolder(const WorkerFolder&) = delete;
    WorkerFolder& operator=(const WorkerFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

 private:
    std::filesystem::path path_;
    FileDescriptor lock_;  // held until the destructor
};

}  // namespace sheafline
