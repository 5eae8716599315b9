// Room on the disk that is kept for the history alone: a file of 64 MB, given up when the disk is
// full, so that the reason can still be written; made again by the next owner that finds room.
// Thread-safe.
#pragma once

#include <atomic>
#include <filesystem>

namespace sheafline {

class DiskReserve {
 public:
    explicit DiskReserve(std::filesystem::path file);  // makes it where there is room for much more

    bool giveUp();   // false where there is none (any more)
    bool restore();  // whether it is there, now that there may be room for it again

 private:
    const std::filesystem::path file_;
    std::atomic<bool> there_{false};
};

}  // namespace sheafline
