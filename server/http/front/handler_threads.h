// Threads that run handlers from a bounded queue: started when needed, up to a limit, and ended
// after some time without work. Thread-safe. The destructor runs the queue to its end and joins.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <thread>

namespace sheafline::http {

class HandlerThreads {
 public:
    HandlerThreads(unsigned max_threads, std::size_t queue_length, std::chrono::milliseconds idle)
        : max_threads_(max_threads), queue_length_(queue_length), idle_time_(idle) {}
    ~HandlerThreads();

    // Returns false if the queue is full or no thread can be started. `work` must not throw. It
    // begins at the latest after the next wake().
    bool start(std::function<void()> work);

    // Wakes one thread for the work since the last call; that thread wakes the next one before it
    // begins. So a thread that runs quick handlers causes no further wake-ups.
    void wake();
    std::size_t threads() const;

 private:
    bool addThread();
    bool wakesAnother();
    void run(std::list<std::jthread>::iterator self);
    bool waitForWork(std::unique_lock<std::mutex>& lock);
    void retire(std::list<std::jthread>::iterator self, std::unique_lock<std::mutex>& lock);

    const unsigned max_threads_;
    const std::size_t queue_length_;
    const std::chrono::milliseconds idle_time_;

    mutable std::mutex mutex_;  // guards the members below
    std::condition_variable ready_;
    std::deque<std::function<void()>> queue_;
    std::list<std::jthread> threads_;
    std::list<std::jthread> retired_;  // at most one: it is about to return
    std::size_t idle_ = 0;
    bool waking_ = false;  // one was woken and has not looked at the queue yet
    bool ending_ = false;
};

}  // namespace sheafline::http
