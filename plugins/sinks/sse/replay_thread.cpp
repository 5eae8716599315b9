#include "replay_thread.h"

#include <exception>
#include <utility>

#include "event_frame.h"

namespace sheafline::sse {

namespace {

constexpr std::size_t kPageEvents = 250;

ReplayPage readPage(const ReplayRequest& request) {
    ReplayPage page{.client = request.client, .generation = request.generation};
    try {
        page.events = request.source->read(request.batch_id, request.from, kPageEvents);
    } catch (const std::exception&) {
        page.failed = true;
        return page;
    }
    page.more = page.events.size() == kPageEvents;
    std::string bytes;
    std::uint64_t last = request.after;
    for (const StreamEvent& event : page.events) {
        if (event.seq <= last) continue;
        if (event.seq != last + 1)
            bytes += controlEvent("gap", "{\"from\":" + std::to_string(last + 1) +
                                             ",\"to\":" + std::to_string(event.seq - 1) + '}');
        appendEvent(bytes, event.seq, event.kind, event.json);
        last = event.seq;
    }
    if (!bytes.empty()) page.bytes = framed(bytes, request.chunked);
    return page;
}

}  // namespace

ReplayThread::ReplayThread(std::function<void(ReplayPage)> done)
    : done_(std::move(done)), thread_([this](const std::stop_token& stop) { run(stop); }) {}

ReplayThread::~ReplayThread() = default;

void ReplayThread::request(ReplayRequest request) {
    {
        const std::lock_guard lock(mutex_);
        requests_.push_back(std::move(request));
    }
    ready_.notify_one();
}

void ReplayThread::run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (ready_.wait(lock, stop, [this] { return !requests_.empty(); }) &&
           !stop.stop_requested()) {
        const ReplayRequest request = std::move(requests_.front());
        requests_.pop_front();
        lock.unlock();
        done_(readPage(request));
        lock.lock();
    }
}

}  // namespace sheafline::sse
