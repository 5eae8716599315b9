#include "http/front/handler_threads.h"

#include <malloc.h>
#include <system_error>
#include <utility>

namespace sheafline::http {

namespace {

constexpr std::size_t kKept = 2;  // threads that never end, so that one is always available

}  // namespace

HandlerThreads::~HandlerThreads() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    ready_.notify_all();
    for (std::jthread& thread : threads_) thread.join();  // no thread ends by itself any more
    retired_.clear();
}

std::size_t HandlerThreads::threads() const {
    const std::lock_guard lock(mutex_);
    return threads_.size();
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

// Returns false if there is no thread to run the queue.
bool HandlerThreads::addThread() {
    const auto self = threads_.emplace(threads_.end());
    try {
        *self = std::jthread([this, self] { run(self); });
    } catch (const std::system_error&) {
        // The system has no more threads: the existing ones do the work.
        threads_.erase(self);
    }
    return !threads_.empty();
}

// Returns false if this thread should end.
bool HandlerThreads::waitForWork(std::unique_lock<std::mutex>& lock) {
    while (!ending_ && queue_.empty()) {
        ++idle_;
        const std::cv_status status = ready_.wait_for(lock, idle_time_);
        --idle_;
        waking_ = false;
        const bool surplus = status == std::cv_status::timeout && threads_.size() > kKept;
        if (surplus && !ending_ && queue_.empty()) return false;
    }
    return true;
}

// Each retired thread is joined by the next one, the last by the destructor.
void HandlerThreads::retire(std::list<std::jthread>::iterator self,
                            std::unique_lock<std::mutex>& lock) {
    std::list<std::jthread> before;
    before.swap(retired_);
    retired_.splice(retired_.end(), threads_, self);
    const bool last = threads_.size() == kKept;
    lock.unlock();
    before.clear();
    if (last) ::malloc_trim(0);  // returns the memory of a load peak to the system
}

void HandlerThreads::run(std::list<std::jthread>::iterator self) {
    std::unique_lock lock(mutex_);
    for (;;) {
        if (!waitForWork(lock)) return retire(self, lock);
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
