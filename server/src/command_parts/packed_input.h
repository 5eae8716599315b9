// Several files as one ZIP, because a batch has one input. The entries of an archive among them
// come into a folder with its name; every other file is stored as it is. The same files always give
// the same bytes, so an interrupted upload can continue. One thread.
//
//     const PackedInput input({"a.jpg", "exam.pdf", "class 7.zip"});
//     input.writeTo(folder / "archive.zip");
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "command_parts/scratch_folder.h"

namespace sheafline {

class PackedInput {
 public:
    // Throws ConfigError that names a file that cannot be read.
    explicit PackedInput(std::vector<std::filesystem::path> files);

    std::string name() const;  // "a.jpg and 2 more"
    void writeTo(const std::filesystem::path& archive) const;

 private:
    const std::vector<std::filesystem::path> files_;
};

// The archive as a file that is removed at the end.
class TemporaryInput {
 public:
    explicit TemporaryInput(const PackedInput& input);

    std::filesystem::path path() const { return folder_.path() / "input.zip"; }

 private:
    const ScratchFolder folder_{"sheafline-"};
};

}  // namespace sheafline
