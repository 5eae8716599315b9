#include "worker/sheet_images.h"

#include <condition_variable>
#include <fstream>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <sheafline/error.h>

#include "base/file_digest.h"
#include "client/remote_server.h"

namespace sheafline {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kFirstOffer{3'000};
constexpr milliseconds kAskAgain{100};
constexpr milliseconds kOfferKept{30'000};
constexpr int kTries = 3;
constexpr std::size_t kCopies = 4;  // one in use and one ready, with room for more
constexpr std::size_t kMaxFetchedBytes = std::size_t{64} << 20U;
constexpr int kOk = 200;
constexpr int kNotFound = 404;

void pause(milliseconds time, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, time, [] { return false; });
}

struct Answer {
    int status = 0;
    std::string digest{};
    std::string bytes{};
};

// Throws Error.
Answer get(const work::SheetOffer& offer, const std::string& path, const TlsFiles& files) {
    RemoteServer server(offer.url, files);
    server.authorize(offer.token);
    Answer answer;
    const HttpAnswer got = server.send({.path = path, .on_bytes = [&](std::string_view bytes) {
                                            answer.bytes += bytes;
                                            return answer.bytes.size() <= kMaxFetchedBytes;
                                        }});
    answer.status = got.status;
    const auto digest = got.fields.find("etag");
    if (digest != got.fields.end()) answer.digest = digest->second;
    return answer;
}

bool sees(const work::TakenSheet& sheet) {
    std::error_code error;
    const auto size = std::filesystem::file_size(sheet.task.path, error);
    // Another file may have that path on this host; a different size shows it.
    return !error && size == sheet.bytes && ::access(sheet.task.path.c_str(), R_OK) == 0;
}

}  // namespace

std::optional<work::SheetOffer> SheetOffers::of(const std::string& batch,
                                                const std::stop_token& stop) {
    const auto deadline = Clock::now() + kFirstOffer;
    while (true) {
        {
            const std::lock_guard lock(mutex_);
            const auto kept = kept_.find(batch);
            if (kept != kept_.end() && Clock::now() < kept->second.until) return kept->second.offer;
            if (auto offer = work::offeredSheets(redis_, batch, key_)) {
                kept_[batch] = {.offer = *offer, .until = Clock::now() + kOfferKept};
                return offer;
            }
        }
        if (stop.stop_requested() || Clock::now() > deadline) return std::nullopt;
        pause(kAskAgain, stop);
    }
}

void SheetOffers::rejected(const std::string& batch) {
    const std::lock_guard lock(mutex_);
    kept_.erase(batch);
}

SheetImages::SheetImages(SheetOffers& offers, std::filesystem::path folder)
    : offers_(offers), folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_);
}

SheetImages::~SheetImages() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

std::filesystem::path SheetImages::pathOf(const work::TakenSheet& sheet,
                                          const work::WorkOrder& order,
                                          const std::stop_token& stop) {
    // If the batch's host has no such file, the processor reports it.
    if (sheet.bytes == 0) return sheet.task.path;
    if (order.sheets != work::SheetWay::http && sees(sheet)) return sheet.task.path;
    if (order.sheets == work::SheetWay::shared)
        throw SheetUnreachable("cannot access " + sheet.task.path.string());
    return fetched(sheet, order.batch, stop);
}

std::filesystem::path SheetImages::fetched(const work::TakenSheet& sheet, const std::string& batch,
                                           const std::stop_token& stop) {
    const std::string path =
        "/api/batches/" + batch + "/sheets/" + std::to_string(sheet.task.number) + "/source";
    std::string why;
    for (int tries = 1; tries <= kTries && !stop.stop_requested(); ++tries) {
        try {
            const auto offer = offers_.of(batch, stop);
            if (!offer)
                throw SheetUnreachable("cannot access " + sheet.task.path.string() +
                                       ", and no server offers its sheets over HTTP");
            const Answer answer = get(*offer, path, offers_.files());
            if (answer.status == kNotFound) throw SheetGone("its server no longer has the image");
            if (answer.status == kOk && answer.digest == '"' + sha256Of(answer.bytes) + '"') {
                auto copy =
                    folder_ / (std::to_string(++number_) + sheet.task.path.extension().string());
                std::ofstream(copy, std::ios::binary) << answer.bytes;
                copies_.push_back(copy);
                if (copies_.size() > kCopies) {
                    std::filesystem::remove(copies_.front());
                    copies_.pop_front();
                }
                return copy;
            }
            why = answer.status == kOk ? "the received image does not match its checksum"
                                       : "status " + std::to_string(answer.status);
            // Another server of the batch may offer its sheets now.
            if (answer.status != kOk) offers_.rejected(batch);
        } catch (const redis::RedisError& error) {
            why = error.what();
        } catch (const Error& error) {
            why = error.what();
            offers_.rejected(batch);  // the batch may have another server now
        }
        pause(kAskAgain * tries, stop);
    }
    throw SheetUnreachable("cannot fetch sheets from their server: " + why);
}

}  // namespace sheafline
