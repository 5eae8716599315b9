// Which batches have changed since the list of batches was sent last. Bounded: of many changes it
// remembers only that there were many. Thread-safe; note() never waits.
#pragma once

#include <cstddef>
#include <mutex>
#include <set>
#include <string>

#include <sheafline/file_descriptor.h>

#include "history/history.h"

namespace sheafline {

class ListChanges {
 public:
    static constexpr std::size_t kMostBatches = 200;

    struct News {
        std::set<std::string> changed{};
        std::set<std::string> removed{};
        bool rights = false;  // who sees what has changed, or batches were removed
        bool many = false;    // more than kMostBatches: fetch the list again

        bool empty() const { return changed.empty() && removed.empty() && !rights && !many; }
    };

    ListChanges();

    void note(const Committed& committed);
    void noteMany();
    News take();
    // Readable from the first note after a take().
    int descriptor() const { return wake_.get(); }
    void wake() const;

 private:
    const FileDescriptor wake_;
    std::mutex mutex_;
    News news_;  // guarded by mutex_
};

}  // namespace sheafline
