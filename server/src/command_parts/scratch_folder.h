// A folder of its own in the system's folder for temporary files. It is removed at the end with
// everything in it, unless it is kept.
#pragma once

#include <filesystem>
#include <string>

namespace sheafline {

// The system's folder: TMPDIR, or /tmp. Throws ConfigError with the remedy if it is not a folder.
std::filesystem::path temporaryPlace();

class ScratchFolder {
 public:
    // The name begins with `prefix`. Throws Error.
    explicit ScratchFolder(const std::string& prefix);
    ~ScratchFolder();
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    void keep() { kept_ = true; }

 private:
    std::filesystem::path path_;
    bool kept_ = false;
};

}  // namespace sheafline
