// The folders whose files a confined worker may read: those of its sheets. A value.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sheafline {

class ReadableFolders {
 public:
    // Whether a worker that knows these folders may read the file.
    bool cover(const std::filesystem::path& file) const;
    // Adds the folder of the file. Many folders become one that contains them all.
    void add(const std::filesystem::path& file);

    const std::vector<std::string>& paths() const { return paths_; }

 private:
    std::vector<std::string> paths_{};
};

}  // namespace sheafline
