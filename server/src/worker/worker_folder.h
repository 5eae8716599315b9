// A folder of a worker's own for what it unpacks and fetches; it goes with the worker. What a
// killed one left behind is swept by the next that starts in the same place.
#pragma once

#include <filesystem>

#include <sheafline/file_descriptor.h>

namespace sheafline {

class WorkerFolder {
 public:
    // `place` may be empty: where temporary files go.
    explicit WorkerFolder(const std::filesystem::path& place);
    ~WorkerFolder();
    WorkerFolder(const WorkerFolder&) = delete;
    WorkerFolder& operator=(const WorkerFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

 private:
    std::filesystem::path path_;
    FileDescriptor lock_;  // held as long as we live
};

}  // namespace sheafline
