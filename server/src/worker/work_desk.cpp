#include "worker/work_desk.h"

#include <algorithm>
#include <utility>

namespace sheafline {

void WorkDesk::setPlaces(std::size_t places) {
    const std::lock_guard lock(mutex_);
    places_ = places;
    room_.notify_all();
}

std::size_t WorkDesk::room(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    const auto used = [&] { return held_.size() + unsent_; };
    room_.wait_for(lock, patience, [&] { return closed_ || used() < places_; });
    return closed_ || used() >= places_ ? 0 : places_ - used();
}

void WorkDesk::put(std::vector<SheetInHand> sheets) {
    const std::lock_guard lock(mutex_);
    for (SheetInHand& sheet : sheets) {
        held_.push_back({.in_hand = std::move(sheet)});
        if (closed_) giveBackLocked(std::prev(held_.end()));
    }
    work_.notify_all();
}

SheetInHand WorkDesk::begin(std::list<Place>::iterator place) {
    place->begun = true;
    place->in_hand.since = Clock::now();
    return place->in_hand;
}

std::optional<SheetInHand> WorkDesk::take(const OrderAtWork* preferred) {
    std::unique_lock lock(mutex_);
    while (true) {
        if (closed_) return std::nullopt;
        auto found = held_.end();
        for (auto place = held_.begin(); place != held_.end(); ++place) {
            if (place->begun) continue;
            if (found == held_.end()) found = place;
            if (place->in_hand.order.get() != preferred) continue;
            found = place;
            break;
        }
        if (found != held_.end()) return begin(found);
        work_.wait(lock);
    }
}

std::optional<SheetInHand> WorkDesk::takeOf(const OrderAtWork& order) {
    const std::lock_guard lock(mutex_);
    if (closed_) return std::nullopt;
    const auto place = std::ranges::find_if(
        held_, [&](const Place& p) { return !p.begun && p.in_hand.order.get() == &order; });
    if (place == held_.end()) return std::nullopt;
    return begin(place);
}

std::list<WorkDesk::Place>::iterator WorkDesk::placeOf(const work::TakenSheet& sheet) {
    return std::ranges::find_if(held_,
                                [&](const Place& p) { return isSame(p.in_hand.sheet, sheet); });
}

void WorkDesk::answer(const SheetInHand& sheet, work::WorkOutcome::Kind kind,
                      const Reading& reading) {
    const std::lock_guard lock(mutex_);
    const auto place = placeOf(sheet.sheet);
    if (place == held_.end()) return;
    outbox_.answers.push_back(
        {.sheet = std::move(place->in_hand.sheet), .kind = kind, .reading = reading});
    held_.erase(place);
    ++unsent_;
    mail_.notify_one();
}

void WorkDesk::giveBackLocked(std::list<Place>::iterator place) {
    outbox_.returned.push_back(std::move(place->in_hand.sheet));
    held_.erase(place);
    ++unsent_;
    mail_.notify_one();
}

void WorkDesk::giveBack(const SheetInHand& sheet) {
    const std::lock_guard lock(mutex_);
    const auto place = placeOf(sheet.sheet);
    if (place != held_.end()) giveBackLocked(place);
}

void WorkDesk::giveBackAllOf(const OrderAtWork& order) {
    const std::lock_guard lock(mutex_);
    for (auto place = held_.begin(); place != held_.end();) {
        const auto next = std::next(place);
        if (!place->begun && place->in_hand.order.get() == &order) giveBackLocked(place);
        place = next;
    }
}

WorkDesk::Outbox WorkDesk::outbox(Clock::time_point until) {
    std::unique_lock lock(mutex_);
    mail_.wait_until(lock, until, [&] { return !outbox_.empty(); });
    return std::exchange(outbox_, {});
}

void WorkDesk::sent(const Outbox& outbox) {
    const std::lock_guard lock(mutex_);
    unsent_ -= outbox.answers.size() + outbox.returned.size();
    room_.notify_all();
}

std::vector<SheetInHand> WorkDesk::held() const {
    const std::lock_guard lock(mutex_);
    std::vector<SheetInHand> sheets;
    for (const Place& place : held_) sheets.push_back(place.in_hand);
    return sheets;
}

std::vector<SheetInHand> WorkDesk::atWork() const {
    const std::lock_guard lock(mutex_);
    std::vector<SheetInHand> sheets;
    for (const Place& place : held_) {
        if (place.begun) sheets.push_back(place.in_hand);
    }
    return sheets;
}

void WorkDesk::forget(const work::TakenSheet& sheet) {
    const std::lock_guard lock(mutex_);
    const auto place = placeOf(sheet);
    if (place != held_.end()) held_.erase(place);
    room_.notify_all();
}

void WorkDesk::close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    for (auto place = held_.begin(); place != held_.end();) {
        const auto next = std::next(place);
        if (!place->begun) giveBackLocked(place);
        place = next;
    }
    room_.notify_all();
    work_.notify_all();
    mail_.notify_all();
}

bool WorkDesk::empty() const {
    const std::lock_guard lock(mutex_);
    return held_.empty() && unsent_ == 0;
}

}  // namespace sheafline
