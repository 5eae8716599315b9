// The sheets that a worker holds: those that are not begun, those that are being read, and unsent
// answers. The total is limited, so if Redis is down the worker takes no more sheets instead of
// using more memory. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <sheafline/work/work_source.h>

#include "worker/order_at_work.h"

namespace sheafline {

struct SheetInHand {
    std::shared_ptr<OrderAtWork> order{};
    work::TakenSheet sheet{};
    std::chrono::steady_clock::time_point since{};
};

class WorkDesk {
 public:
    using Clock = std::chrono::steady_clock;

    struct Outbox {
        std::vector<work::Answer> answers{};
        std::vector<work::TakenSheet> returned{};
        bool empty() const { return answers.empty() && returned.empty(); }
    };

    explicit WorkDesk(std::size_t places) : places_(places) {}
    void setPlaces(std::size_t places);

    // For the taker: waits for free places.
    std::size_t room(std::chrono::milliseconds patience);
    void put(std::vector<SheetInHand> sheets);  // returns them at once if the desk is closed

    // For the slots: waits for the next sheet, if possible one of `preferred`. Empty when the desk
    // is closed.
    std::optional<SheetInHand> take(const OrderAtWork* preferred);
    std::optional<SheetInHand> takeOf(const OrderAtWork& order);  // at once
    void answer(const SheetInHand& sheet, work::WorkOutcome::Kind kind, const Reading& reading);
    void giveBack(const SheetInHand& sheet);
    void giveBackAllOf(const OrderAtWork& order);  // sheets that are not begun

    // For the reporter: waits for something to send, or until the time.
    Outbox outbox(Clock::time_point until);
    void sent(const Outbox& outbox);
    std::vector<SheetInHand> held() const;
    std::vector<SheetInHand> atWork() const;
    void forget(const work::TakenSheet& sheet);  // another worker has the sheet: its outcome is
                                                 // dropped

    void close();  // starts no more sheets and returns those that are not begun
    bool empty() const;

 private:
    struct Place {
        SheetInHand in_hand{};
        bool begun = false;
    };

    std::list<Place>::iterator placeOf(const work::TakenSheet& sheet);
    void giveBackLocked(std::list<Place>::iterator place);
    SheetInHand begin(std::list<Place>::iterator place);

    mutable std::mutex mutex_;
    // guarded by mutex_
    std::size_t places_;
    std::condition_variable room_;
    std::condition_variable work_;
    std::condition_variable mail_;
    std::list<Place> held_;
    Outbox outbox_;
    std::size_t unsent_ = 0;  // in outbox_, or taken from it and not yet sent
    bool closed_ = false;
};

}  // namespace sheafline
