// The content of a disk after a power cut, from the log of shim/recording.h: for a moment in the
// log and a seed, the folder is built as it could be then. Everything that was fsynced is there.
// Each of the other writes is there, is missing, or is torn at 512 bytes. Of the names that were
// created or removed since their folder was made durable, the first few are applied.
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
