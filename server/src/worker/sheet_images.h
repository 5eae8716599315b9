// Provides the image of a sheet as a file that a processor can open: the batch's path if this host
// has the same file, or a copy from the batch's server. Each slot has one; all share SheetOffers.
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

// This host cannot get the image; another host, or a later attempt, may. Not an error of the sheet.
class SheetUnreachable : public std::runtime_error {
    using runtime_error::runtime_error;
};
// The batch's server no longer has it.
class SheetGone : public std::runtime_error {
    using runtime_error::runtime_error;
};

// The offers of servers, read from Redis and cached for some time. Thread-safe.
class SheetOffers {
 public:
    // `files` are for servers that offer their sheets over https.
    SheetOffers(redis::ConnectionOptions options, const work::WorkKey& key, TlsFiles files)
        : key_(key), files_(std::move(files)), redis_(std::move(options)) {}

    // Waits briefly for a batch's first offer.
    std::optional<work::SheetOffer> of(const std::string& batch, const std::stop_token& stop);
    const TlsFiles& files() const { return files_; }
    // Call it if its server did not answer with the sheet: the offer is read again.
    void rejected(const std::string& batch);

 private:
    struct Kept {
        work::SheetOffer offer{};
        std::chrono::steady_clock::time_point until{};
    };

    const work::WorkKey key_;
    const TlsFiles files_;
    std::mutex mutex_;
    // guarded by mutex_
    redis::Connection redis_;
    std::map<std::string, Kept> kept_;
};

class SheetImages {
 public:
    // `folder` has the most recent copies.
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
