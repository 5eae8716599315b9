// A file that keeps room on the disk only for the history. When the disk is full, the owner gives
// up most of it, so that what the batches have sent is stored. It gives up the rest for batches
// that could not store why they stopped. Its size fits the batches that run at the same time.
// Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <mutex>

namespace sheafline {

class DiskReserve {
 public:
    // Makes the file if the disk has clearly more room than that.
    DiskReserve(std::filesystem::path file, std::size_t batches);

    bool giveUp();                    // all but the rest; false if nothing was left to give up
    bool giveUpRest();                // false if nothing was left to give up
    bool restore();                   // whether the file has its full size (again)
    void fitTo(std::size_t batches);  // the next restore() makes a file of that size

    static std::uintmax_t bytesFor(std::size_t batches);
    static std::uintmax_t restFor(std::size_t batches);

 private:
    bool grow(std::uintmax_t present, std::uintmax_t wanted) const;

    const std::filesystem::path file_;
    std::mutex mutex_;
    // guarded by mutex_
    std::size_t batches_;
    bool whole_ = false;
    bool rest_ = false;
};

}  // namespace sheafline
