// Brings the image of a sheet to where a processor can open it: the path that the batch gave, where
// this host sees that very file, or a copy that the batch's server sent. One slot's; SheetOffers is
// shared by all.
#pragma once

#include <chrono>
#include <deque>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>

#include <sheafline/redis/connection.h>
#include <sheafline/work/sheet_offer.h>
#include <sheafline/work/work_source.h>

namespace sheafline {

// Not from here, but perhaps from another host, or later: no fault of the sheet.
class SheetUnreachable : public std::runtime_error {
    using runtime_error::runtime_error;
};
// The batch's server has it no more.
class SheetGone : public std::runtime_error {
    using runtime_error::runtime_error;
};

// What servers offer, asked of Redis and kept for a while. Thread-safe.
class SheetOffers {
 public:
    SheetOffers(redis::ConnectionOptions options, const work::WorkKey& key)
        : key_(key), redis_(std::move(options)) {}

    // Waits a little for a batch's first offer.
    std::optional<work::SheetOffer> of(const std::string& batch, const std::stop_token& stop);
    void refused(const std::string& batch);  // its token was rejected: ask again

 private:
    struct Kept {
        work::SheetOffer offer{};
        std::chrono::steady_clock::time_point until{};
    };

    const work::WorkKey key_;
    std::mutex mutex_;
    // guarded by mutex_
    redis::Connection redis_;
    std::map<std::string, Kept> kept_;
};

class SheetImages {
 public:
    // Copies lie below `folder`, the last few of them.
    SheetImages(SheetOffers& offers, std::filesystem::path folder);
    ~SheetImages();
    SheetImages(const SheetImages&) = delete;
    SheetImages& operator=(const SheetImages&) = delete;

    // Throws SheetUnreachable or SheetGone.
    std::filesystem::path pathOf(const work::TakenSheet& sheet, const work::WorkOrder& order,
                                 const std::stop_token& stop);

 private:
    std::filesystem::path fetched(const work::TakenSheet& sheet, const std::string& batch,
                                  const std::stop_token& stop);

    SheetOffers& offers_;
    const std::filesystem::path folder_;
    int number_ = 0;
    std::deque<std::filesystem::path> copies_;
};

}  // namespace sheafline
