// What a disk holds after a power cut, by the log of shim/recording.h: for a moment in the log and
// a seed, the folder is built as it could stand then. What was fsynced is there. Of the other
// writes each is there, is not, or is torn at 512 bytes; of the names that were given and taken
// since their folder was made durable, the first few are.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "shim/recording.h"

namespace sheafline::faults {

class PowerCut {
 public:
    // `root` is the folder that was recorded.
    PowerCut(const std::filesystem::path& log, std::filesystem::path root);

    std::size_t moments() const { return records_.size(); }
    std::string shownBefore(std::size_t moment) const;  // on standard output
    // Builds the folder `root` again.
    void build(std::size_t moment, std::uint64_t seed) const;

 private:
    struct Record {
        shim::Op op{};
        std::uint64_t inode = 0;
        std::uint64_t offset = 0;
        std::string path{};
        std::string other{};
        std::string data{};
    };
    class Disk;

    const std::filesystem::path root_;
    std::vector<Record> records_{};
};

}  // namespace sheafline::faults
