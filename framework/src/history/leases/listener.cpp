#include "history/leases/listener.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include <sheafline/backoff.h>
#include <sheafline/error.h>

#include "base/sql/statement.h"
#include "history/stores/open_history.h"

namespace sheafline {

namespace {

constexpr std::chrono::milliseconds kLookForStop{200};

}  // namespace

Listener::Listener(sql::Place place, std::function<void(const Notice&)> heard)
    : place_(std::move(place)),
      heard_(std::move(heard)),
      thread_([this](const std::stop_token& stop) { listen(stop); }) {}

void Listener::listen(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    Backoff pause;
    while (!stop.stop_requested()) {
        try {
            hear(stop);
        } catch (const Error&) {
            // The writer reports a database that cannot be reached; here it is tried again.
            std::unique_lock lock(mutex);
            never.wait_for(lock, stop, pause.next(), [] { return false; });
        }
    }
}

void Listener::hear(const std::stop_token& stop) {
    const auto database = openHistoryToRead(place_);
    database->execute("LISTEN sheafline");
    const std::int64_t newest = sql::integerOf(*database, database->dialect().last_event_id);
    heard_({.last_event_id = newest, .many = true});
    while (!stop.stop_requested())
        for (const std::string& text : database->heard(kLookForStop)) heard_(Notice::of(text));
}

}  // namespace sheafline
