// Threads that run handlers: started as they are needed, up to a bound, over a bounded queue.
// Thread-safe. The destructor runs what is queued and joins.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace sheafline::http {

class HandlerThreads {
 public:
    HandlerThreads(unsigned max_threads, std::size_t queue_length)
        : max_threads_(max_threads), queue_length_(queue_length) {}
    ~HandlerThreads();

    // False where the queue is full or no thread can be had. `work` must not throw. It begins at
    // the latest after the next wake().
    bool start(std::function<void()> work);

    // Wakes one thread for what was started since the last call; it wakes the next one before it
    // begins. So one that runs through quick handlers pays for no wake of another.
    void wake();

 private:
    bool addThread();
    bool wakesAnother();
    void run();

    const unsigned max_threads_;
    const std::size_t queue_length_;

    std::mutex mutex_;  // guards what follows
    std::condition_variable ready_;
    std::deque<std::function<void()>> queue_;
    std::vector<std::jthread> threads_;
    std::size_t idle_ = 0;
    bool waking_ = false;  // one was woken and has not looked at the queue yet
    bool ending_ = false;
};

}  // namespace sheafline::http
