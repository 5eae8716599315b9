#include "http/front/handler_threads.h"

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
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= queue_length_) return false;
    queue_.push_back(std::move(work));
    if (idle_ < queue_.size() && threads_.size() < max_threads_ && !addThread()) {
        queue_.pop_back();
        return false;
    }
    return true;
}

void HandlerThreads::wake() {
    {
        const std::lock_guard lock(mutex_);
        if (!wakesAnother()) return;
    }
    ready_.notify_one();
}

bool HandlerThreads::wakesAnother() {
    if (queue_.empty() || idle_ == 0 || waking_) return false;
    waking_ = true;
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
        while (!ending_ && queue_.empty()) {
            ++idle_;
            ready_.wait(lock);
            --idle_;
            waking_ = false;
        }
        if (queue_.empty()) return;
        const std::function<void()> work = std::move(queue_.front());
        queue_.pop_front();
        const bool wakes = wakesAnother();
        lock.unlock();
        if (wakes) ready_.notify_one();
        work();
        lock.lock();
    }
}

}  // namespace sheafline::http
