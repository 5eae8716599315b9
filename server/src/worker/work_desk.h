// Where the sheets lie that a worker holds: those that nobody has begun, those at work, and the
// answers that are still to be sent. It has room for so many in all, answers included, so a Redis
// that is away stops the taking, not the memory. Thread-safe.
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

    // The taker's: waits for a free place.
    std::size_t room(std::chrono::milliseconds patience);
    void put(std::vector<SheetInHand> sheets);  // straight back where the desk is closed

    // The slots': the next sheet, one of `preferred` where there is any; waits. Nothing once the
    // desk is closed.
    std::optional<SheetInHand> take(const OrderAtWork* preferred);
    std::optional<SheetInHand> takeOf(const OrderAtWork& order);  // at once
    void answer(const SheetInHand& sheet, work::WorkOutcome::Kind kind, const Reading& reading);
    void giveBack(const SheetInHand& sheet);
    void giveBackAllOf(const OrderAtWork& order);  // those that nobody has begun

    // The reporter's: waits for something to send, or for the time.
    Outbox outbox(Clock::time_point until);
    void sent(const Outbox& outbox);
    std::vector<SheetInHand> held() const;
    std::vector<SheetInHand> atWork() const;
    void forget(const work::TakenSheet& sheet);  // another has it: whatever comes of it is dropped

    void close();  // nothing is begun any more; what nobody has begun goes back
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
    std::size_t unsent_ = 0;  // in outbox_, or taken out of it and not yet sent
    bool closed_ = false;
};

}  // namespace sheafline
