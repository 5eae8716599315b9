// Pictures for the API, drawn by a few picture processes. Thread-safe; picture() waits, so call it
// only on threads that may wait. Throws Error: NO_IMAGE, NO_TEMPLATE, NO_SUCH_FIELD; of class
// transient (PICTURES_BUSY) if too many requests wait already, and cancelled if the picture is not
// wanted any more.
//
//     PictureDesk desk({});
//     const SheetPicture picture = desk.picture(order, [&] { return !client_left; });
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "pictures/picture_order.h"

namespace sheafline {

struct PictureLimits {
    std::size_t processes = 2;               // pictures drawn at the same time
    std::size_t waiting = 16;                // further ones that wait for a process
    std::chrono::milliseconds time{10'000};  // for one picture
    std::size_t cache_bytes = std::size_t{32} << 20U;
};

struct PictureStats {
    std::size_t drawn = 0;   // by a process
    std::size_t cached = 0;  // answered from memory
    std::size_t killed = 0;  // processes that crashed, timed out, or whose client left
};

class PictureDesk {
 public:
    explicit PictureDesk(const PictureLimits& limits);
    ~PictureDesk();
    PictureDesk(const PictureDesk&) = delete;
    PictureDesk& operator=(const PictureDesk&) = delete;

    // Calls `wanted` repeatedly, in the calling thread.
    SheetPicture picture(const PictureOrder& order, const std::function<bool()>& wanted);
    PictureStats stats() const;

 private:
    class Artist;  // one picture process
    struct Kept {
        std::string key;
        SheetPicture picture;
    };

    std::unique_ptr<Artist> take(const std::function<bool()>& wanted);
    void giveBack(std::unique_ptr<Artist> artist);
    // By the process that was taken, or by a new one, which `artist` then is.
    SheetPicture drawn(std::unique_ptr<Artist>& artist, const PictureOrder& order,
                       const std::function<bool()>& wanted) const;
    bool findKept(const std::string& key, SheetPicture& picture);
    void keep(const std::string& key, const SheetPicture& picture);

    const PictureLimits limits_;
    mutable std::mutex mutex_;
    // guarded by mutex_:
    std::condition_variable changed_;
    std::vector<std::unique_ptr<Artist>> idle_;
    std::size_t busy_ = 0;
    std::size_t waiting_ = 0;
    std::list<Kept> kept_;  // newest first
    std::size_t kept_bytes_ = 0;
    PictureStats stats_{};
};

}  // namespace sheafline
