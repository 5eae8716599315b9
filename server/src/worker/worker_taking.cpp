// The thread of a worker host that takes sheets.
#include <algorithm>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/shown_text.h>

#include "worker/worker_host.h"

namespace sheafline {

namespace {

using std::chrono::milliseconds;
using work::TakenSheet;

constexpr milliseconds kBetweenLooks{500};  // between two reads of the open runs
constexpr milliseconds kBetweenLooksForLost{1'000};
constexpr milliseconds kWaitInRedis{250};
constexpr milliseconds kIdle{100};

}  // namespace

void WorkerHost::take(const std::stop_token& stop) {
    work::WorkSource source(connection("take"), name_, options_.program, key_);
    Backoff backoff;
    std::string said;
    while (!stop.stop_requested()) {
        try {
            if (Clock::now() >= look_at_) lookAtRuns(source);
            if (!takeSome(source)) pause(kIdle, stop);
            backoff.reset();
            if (!std::exchange(said, "").empty()) log_.info("Redis is back");
        } catch (const redis::RedisError& error) {
            complain(error, said);
            look_at_ = {};
            pause(backoff.next(), stop);
        } catch (const std::exception& error) {
            // Foreign data in our streams must not end the worker.
            log_.error(std::string("cannot read the data in Redis: ") + error.what());
            pause(backoff.next(), stop);
        }
    }
}

void WorkerHost::lookAtRuns(work::WorkSource& source) {
    const std::vector<std::string> open = source.runs();
    std::vector<std::shared_ptr<OrderAtWork>> ended;
    std::vector<std::string> unknown;
    {
        const std::lock_guard lock(mutex_);
        for (auto order = orders_.begin(); order != orders_.end();) {
            if (std::ranges::find(open, order->first) != open.end()) {
                ++order;
                continue;
            }
            if (order->second.at_work) ended.push_back(order->second.at_work);
            order = orders_.erase(order);
        }
        for (const std::string& run : open) {
            if (!orders_.contains(run)) unknown.push_back(run);
        }
    }
    for (const auto& order : ended) {
        order->end();
        desk_.giveBackAllOf(*order);
    }
    for (const std::string& run : unknown) {
        Order order = taken(source, run);
        if (!order.at_work && order.rejection.empty()) continue;  // ended in the meantime
        const std::lock_guard lock(mutex_);
        orders_.emplace(run, std::move(order));
    }
    look_at_ = Clock::now() + kBetweenLooks;
}

WorkerHost::Order WorkerHost::taken(work::WorkSource& source, const std::string& run) {
    Order order;
    try {
        auto wanted = source.order(run);
        if (!wanted) return order;
        order.rejection = whyUnfit(*wanted);
        if (order.rejection.empty()) {
            order.at_work = std::make_shared<OrderAtWork>(
                std::move(*wanted), options_.folder / ("order-" + std::to_string(++order_number_)));
        }
    } catch (const redis::RedisError&) {
        throw;
    } catch (const std::exception& error) {
        order.rejection = error.what();
    }
    if (!order.rejection.empty())
        log_.warning("batch " + work::batchOf(run) +
                     " is left to other workers: " + order.rejection);
    tell_now_ = true;
    return order;
}

std::string WorkerHost::whyUnfit(const work::WorkOrder& order) const {
    if (order.parcel.program != options_.program)
        return "this worker runs sheafline " + options_.program + " instead of " +
               order.parcel.program;
    const std::string& name = order.parcel.processor.name;
    const auto processor = processors_.find(name);
    const bool has = processor != processors_.end();
    if (!has && name == kProgramRunner)
        return "this worker is not started with --processors command";
    if (!has) return "this worker has no processor " + name;
    if (processor->second != order.parcel.version)
        return "this worker has " + name + " " + processor->second + " instead of " +
               order.parcel.version;
    return {};
}

// Runs take turns, so that small batches do not wait for large ones. False if there is no run.
bool WorkerHost::takeSome(work::WorkSource& source) {
    std::vector<std::string> runs;
    {
        const std::lock_guard lock(mutex_);
        if (draining_) return false;
        for (const auto& [run, order] : orders_) {
            if (order.at_work && order.at_work->rejection().empty()) runs.push_back(run);
        }
    }
    if (runs.empty()) return false;
    const std::size_t room = desk_.room(kIdle);
    if (room == 0) return true;
    ++turn_;
    std::rotate(runs.begin(), runs.begin() + static_cast<std::ptrdiff_t>(turn_ % runs.size()),
                runs.end());
    lookForLost(source);
    auto lost = lostByOthers(source, runs, room);
    if (!lost.empty()) {
        putOnDesk(std::move(lost));
        return true;
    }
    std::vector<std::string> chosen = runs;
    chosen.resize(std::min(runs.size(), room));
    const std::size_t each = room / chosen.size();
    const bool all = chosen.size() == runs.size();
    auto sheets = source.take(chosen, each, all ? kWaitInRedis : milliseconds(0));
    // The chosen runs have no sheets, so take one from each run that has any.
    if (sheets.empty() && !all) sheets = source.take(runs, 1, kWaitInRedis);
    if (sheets.empty()) look_at_ = std::min(look_at_, Clock::now() + kIdle);
    putOnDesk(std::move(sheets));
    return true;
}

// A new loss is a reason to take over at once, before the lease has run out.
void WorkerHost::lookForLost(work::WorkSource& source) {
    if (Clock::now() < look_for_lost_at_) return;
    look_for_lost_at_ = Clock::now() + kBetweenLooksForLost;
    std::vector<std::string> lost = source.lostWorkers();
    // Both are in the order of the names.
    const bool has_new = !std::ranges::includes(lost_, lost);
    lost_ = std::move(lost);
    if (!has_new) return;
    const std::lock_guard lock(mutex_);
    for (auto& [run, order] : orders_) order.look_for_lost = {};
}

std::vector<TakenSheet> WorkerHost::lostByOthers(work::WorkSource& source,
                                                 const std::vector<std::string>& runs,
                                                 std::size_t room) {
    for (const std::string& run : runs) {
        milliseconds lease{};
        {
            const std::lock_guard lock(mutex_);
            Order& order = orders_.at(run);
            if (Clock::now() < order.look_for_lost) continue;
            lease = order.at_work->order().lease;
            order.look_for_lost = Clock::now() + lease / 3;
        }
        auto sheets = source.takeOver(run, lease, room, lost_);
        if (sheets.empty()) continue;
        const std::lock_guard lock(mutex_);
        orders_.at(run).look_for_lost = {};  // there may be more
        log_.info("took over " + counted(sheets.size(), "sheet") + " of batch " +
                  work::batchOf(run) + " whose worker was silent");
        return sheets;
    }
    return {};
}

void WorkerHost::putOnDesk(std::vector<TakenSheet> sheets) {
    std::vector<SheetInHand> in_hand;
    {
        const std::lock_guard lock(mutex_);
        for (TakenSheet& sheet : sheets) {
            const auto order = orders_.at(sheet.run).at_work;
            in_hand.push_back({.order = order, .sheet = std::move(sheet)});
        }
    }
    if (!in_hand.empty()) desk_.put(std::move(in_hand));
}

}  // namespace sheafline
