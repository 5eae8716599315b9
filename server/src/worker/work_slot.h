// One slot of a worker: a thread with a worker process for its current order. It keeps the
// processes of the last few orders, so that batches that take turns need no new start. It reports
// outcomes and crashes to the desk; the batch counts attempts.
#pragma once

#include <list>
#include <memory>
#include <thread>

#include <sheafline/log.h>

#include "worker/sheet_images.h"
#include "worker/work_desk.h"
#include "workers/local_workers.h"

namespace sheafline {

class WorkSlot {
 public:
    WorkSlot(WorkDesk& desk, SheetOffers& offers, const PluginCatalog& plugins,
             const std::filesystem::path& folder, Log& log);

 private:
    struct Pool {
        std::shared_ptr<OrderAtWork> order{};
        std::unique_ptr<LocalWorkers> workers{};
    };

    void work();
    void workOn(const SheetInHand& first);
    LocalWorkers& poolOf(const std::shared_ptr<OrderAtWork>& order);
    void drop(const OrderAtWork& order);
    void reject(OrderAtWork& order, const std::string& why);

    WorkDesk& desk_;
    const PluginCatalog& plugins_;
    Log& log_;
    SheetImages images_;
    std::list<Pool> pools_;  // most recently used first
    std::jthread thread_;    // ends once the desk is closed
};

}  // namespace sheafline
