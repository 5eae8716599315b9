// A pool of readers of the history, because opening one costs more than a query. Thread-safe; a
// lease belongs to one thread.
//
//     const auto history = readers.take();
//     const auto batch = history->batch(id);
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "history/history_reader.h"

namespace sheafline {

class ReaderPool {
 public:
    class Lease {
     public:
        Lease(ReaderPool& pool, std::unique_ptr<HistoryReader> reader)
            : pool_(pool), reader_(std::move(reader)) {}
        ~Lease() { pool_.giveBack(std::move(reader_)); }
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;

        HistoryReader* operator->() const { return reader_.get(); }
        HistoryReader& operator*() const { return *reader_; }

     private:
        ReaderPool& pool_;
        std::unique_ptr<HistoryReader> reader_;
    };

    explicit ReaderPool(sql::Place history) : history_(std::move(history)) {}
    Lease take();

 private:
    void giveBack(std::unique_ptr<HistoryReader> reader);

    const sql::Place history_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<HistoryReader>> idle_;  // guarded by mutex_
};

}  // namespace sheafline
