// Counts the calls of a plugin to the framework, and acts at one of them. A call is one that
// changes something: a change to a sheet, a checkpoint, an artifact, a published event, and each
// durable step of a DurableFile (fsync, rename). Thread-safe. The steps of files count for the
// watch of this process whose actAt() was called last.
//
//     CallWatch calls;
//     calls.actAt(3, [] { ::kill(::getpid(), SIGKILL); });
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace sheafline::testing {

class CallWatch {
 public:
    CallWatch();
    ~CallWatch();
    CallWatch(const CallWatch&) = delete;
    CallWatch& operator=(const CallWatch&) = delete;

    // Counts from 1 again. `act` runs before call number `call` has an effect; 0: never.
    void actAt(int call, std::function<void()> act);
    void pass(const char* name);
    std::vector<std::string> names() const;  // of the calls so far, in order

 private:
    mutable std::mutex mutex_;
    // guarded by mutex_
    std::vector<std::string> names_{};
    int at_ = 0;
    std::function<void()> act_{};
};

}  // namespace sheafline::testing
