#include "worker/work_offers.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "base/clocks.h"

namespace sheafline {

namespace {

// A worker waits three seconds for the first offer, and caches an offer for half a minute.
constexpr std::chrono::milliseconds kBetween{1'000};
constexpr std::chrono::milliseconds kLives{60'000};
constexpr std::int64_t kTokenSeconds = 300;

}  // namespace

WorkOffers::WorkOffers(redis::RedisUrl redis, std::string url, const Tokens& tokens,
                       ReaderPool& readers, Log& log)
    : redis_(std::move(redis)),
      url_(std::move(url)),
      tokens_(tokens),
      readers_(readers),
      log_(log),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void WorkOffers::run(const std::stop_token& stop) {
    redis::Connection redis({.url = redis_, .name = "sheafline-offers"});
    std::mutex mutex;
    std::condition_variable_any never;
    std::optional<work::WorkKey> key;
    bool fine = true;
    while (!stop.stop_requested()) {
        try {
            offer(redis, key);
            fine = true;
        } catch (const std::exception& error) {
            if (std::exchange(fine, false))
                log_.warning(std::string("cannot offer sheets to workers: ") + error.what());
        }
        std::unique_lock lock(mutex);
        never.wait_for(lock, stop, kBetween, [] { return false; });
    }
}

// The key is read, or created, for the first batch that needs it.
void WorkOffers::offer(redis::Connection& redis, std::optional<work::WorkKey>& key) {
    const std::int64_t now = wallMs() / 1000;
    for (const std::string& id : work::batchesAtWork(redis)) {
        const auto batch = readers_.take()->batch(id);
        if (!batch || isFinal(batch->state)) continue;  // of another server
        const std::string token =
            tokens_.issue(TokenKind::work, {.user = "worker",
                                            .session = "worker",
                                            .batch = id,
                                            .issued_at = now,
                                            .expires_at = now + kTokenSeconds});
        if (!key) key.emplace(work::WorkKey::defaultFile());
        work::offerSheets(redis, id, {.url = url_, .token = token}, kLives, *key);
    }
}

}  // namespace sheafline
