#include "worker/work_slot.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <sheafline/error.h>

namespace sheafline {

namespace {

constexpr std::size_t kPools = 4;
constexpr std::chrono::milliseconds kRejected{10'000};

}  // namespace

WorkSlot::WorkSlot(WorkDesk& desk, SheetOffers& offers, const PluginCatalog& plugins,
                   const std::filesystem::path& folder, Log& log)
    : desk_(desk), plugins_(plugins), log_(log), images_(offers, folder), thread_([this] {
          work();
      }) {}

void WorkSlot::work() {
    const OrderAtWork* last = nullptr;
    while (const auto first = desk_.take(last)) {
        last = first->order.get();
        workOn(*first);
        pools_.remove_if([](const Pool& pool) { return pool.order->stop().stop_requested(); });
    }
    pools_.clear();  // on the thread that started them, because they end with it
}

void WorkSlot::workOn(const SheetInHand& first) {
    OrderAtWork& order = *first.order;
    std::vector<SheetInHand> begun{first};
    bool first_given = false;
    const auto next = [&]() -> std::optional<SheetTask> {
        while (true) {
            if (std::exchange(first_given, true)) {
                auto sheet = desk_.takeOf(order);
                if (!sheet) return std::nullopt;
                begun.push_back(std::move(*sheet));
            }
            SheetTask task = begun.back().sheet.task;
            try {
                task.path = images_.pathOf(begun.back().sheet, order.order(), order.stop());
                return task;
            } catch (const SheetUnreachable& error) {
                reject(order, error.what());
                desk_.giveBack(begun.back());
            } catch (const SheetGone& error) {
                desk_.answer(begun.back(), work::WorkOutcome::Kind::failed,
                             {.confidence = 0, .reason = error.what()});
            }
            begun.pop_back();
        }
    };
    const auto done = [&](const SheetOutcome& outcome) {
        const auto sheet = std::ranges::find_if(begun, [&](const SheetInHand& one) {
            return one.sheet.task.number == outcome.task.number &&
                   one.sheet.task.attempt == outcome.task.attempt;
        });
        if (sheet == begun.end()) return;
        desk_.answer(*sheet,
                     outcome.attempt_failed ? work::WorkOutcome::Kind::failed
                                            : work::WorkOutcome::Kind::read,
                     outcome.reading);
        begun.erase(sheet);
    };
    try {
        poolOf(first.order).run(next, done, order.stop());
    } catch (const std::exception& error) {
        if (!order.stop().stop_requested()) reject(order, error.what());
        drop(order);
    }
    for (const SheetInHand& sheet : begun) desk_.giveBack(sheet);
}

LocalWorkers& WorkSlot::poolOf(const std::shared_ptr<OrderAtWork>& order) {
    const auto found = std::ranges::find(pools_, order, &Pool::order);
    if (found != pools_.end()) {
        pools_.splice(pools_.begin(), pools_, found);
        return *pools_.front().workers;
    }
    if (pools_.size() >= kPools) pools_.pop_back();
    const work::WorkOrder& wanted = order->order();
    auto workers = std::make_unique<LocalWorkers>(
        WorkerSpec{.processor = wanted.parcel.processor,
                   .count = 1,
                   .sheet_timeout = wanted.sheet_timeout,
                   .memory_bytes = wanted.memory_bytes},
        plugins_, order->folder(), LocalWorkersUse{.repeat = false, .group = Process::Group::own});
    if (workers->columns() != wanted.columns) {
        throw Error(ErrorClass::permanent, "COLUMNS",
                    "the processor " + wanted.parcel.processor.name +
                        " has other columns here than where the batch was started");
    }
    pools_.push_front({.order = order, .workers = std::move(workers)});
    return *pools_.front().workers;
}

void WorkSlot::drop(const OrderAtWork& order) {
    pools_.remove_if([&](const Pool& pool) { return pool.order.get() == &order; });
}

void WorkSlot::reject(OrderAtWork& order, const std::string& why) {
    if (order.rejection().empty())
        log_.warning("batch " + order.order().batch + " is left to other workers: " + why);
    order.reject(why, kRejected);
    desk_.giveBackAllOf(order);
}

}  // namespace sheafline
