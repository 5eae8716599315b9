#include "handler_threads.h"

#include <system_error>
#include <utility>

namespace sheafline::http {

HandlerThreads::~HandlerThreads() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    ready_.notify_all();
    threads_.clear();
}

bool HandlerThreads::start(std::function<void()> work) {
    {
        const std::lock_guard lock(mutex_);
        if (queue_.size() >= queue_length_) return false;
        queue_.push_back(std::move(work));
        if (idle_ < queue_.size() && threads_.size() < max_threads_ && !addThread()) {
            queue_.pop_back();
            return false;
        }
    }
    ready_.notify_one();
    return true;
}

// False where there is no thread at all to run what is queued.
bool HandlerThreads::addThread() {
    try {
        threads_.emplace_back([this] { run(); });
    } catch (const std::system_error&) {
        // The system has no more threads: those that are there do the work.
    }
    return !threads_.empty();
}

void HandlerThreads::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        ++idle_;
        ready_.wait(lock, [this] { return ending_ || !queue_.empty(); });
        --idle_;
        if (queue_.empty()) return;
        const std::function<void()> work = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        work();
        lock.lock();
    }
}

}  // namespace sheafline::http
