#include "batches/reader_pool.h"

namespace sheafline {

ReaderPool::Lease ReaderPool::take() {
    {
        const std::lock_guard lock(mutex_);
        if (!idle_.empty()) {
            auto reader = std::move(idle_.back());
            idle_.pop_back();
            return {*this, std::move(reader)};
        }
    }
    return {*this, std::make_unique<HistoryReader>(history_)};
}

void ReaderPool::giveBack(std::unique_ptr<HistoryReader> reader) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(reader));
}

}  // namespace sheafline
