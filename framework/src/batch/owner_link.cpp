#include "batch/owner_link.h"

#include <chrono>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include <sheafline/error.h>

namespace sheafline {

namespace {

constexpr std::size_t kEnoughToSend = 256;  // edits
constexpr std::size_t kFull = 4'096;        // edits; beyond it stages wait
constexpr std::uint64_t kMaxUnacknowledged = 32;
constexpr std::chrono::milliseconds kSoon{50};

}  // namespace

OwnerLink::OwnerLink(int socket, std::string batch_id, const Redactor& redactor,
                     std::function<void(StopReason)> on_stop)
    : socket_(socket),
      batch_id_(std::move(batch_id)),
      redactor_(redactor),
      on_stop_(std::move(on_stop)),
      receiver_([this] { receiveLoop(); }),
      sender_([this](const std::stop_token& stop) { sendLoop(stop); }) {}

OwnerLink::~OwnerLink() {
    closing_ = true;
    ::shutdown(socket_, SHUT_RDWR);  // wakes the receiver
}

void OwnerLink::throwIfRefused() const {
    if (refused_) std::rethrow_exception(refused_);
}

std::uint64_t OwnerLink::add(const std::function<void(Change&)>& put) {
    if (waiting_.empty() || !waiting_.back().events.empty())
        waiting_.push_back({.batch_id = batch_id_});
    put(waiting_.back());
    ++edits_;
    work_.notify_one();
    return next_id_ + waiting_.size() - 1;
}

void OwnerLink::edit(const std::function<void(Change&)>& put, Room room) {
    std::unique_lock lock(mutex_);
    if (room == Room::wait) acks_.wait(lock, [this] { return edits_ < kFull || refused_; });
    // Who never waits learns nothing either: the next one that waits does.
    if (refused_ && room == Room::never_wait) return;
    throwIfRefused();
    add(put);
}

void OwnerLink::editAndWait(const std::function<void(Change&)>& put) {
    std::unique_lock lock(mutex_);
    throwIfRefused();
    const std::uint64_t id = add(put);
    urgent_ = true;
    acks_.wait(lock, [&] { return acknowledged_ >= id || refused_; });
    throwIfRefused();
}

void OwnerLink::redact(Change& change) const {
    const auto mask = [this](std::string& text) { text = redactor_.masked(std::move(text)); };
    for (EventDraft& event : change.events) {
        mask(event.message);
        if (event.error) mask(event.error->message);
    }
    for (StageChange& stage : change.stages) {
        if (stage.error) mask(*stage.error);
    }
    if (change.outcome && change.outcome->error) mask(change.outcome->error->message);
}

void OwnerLink::sendLoop(const std::stop_token& stop) {
    while (true) {
        std::deque<Change> leaving;
        std::uint64_t id = 0;
        {
            std::unique_lock lock(mutex_);
            if (!work_.wait(lock, stop, [this] { return !waiting_.empty(); })) return;
            // A little patience puts many small changes into one.
            work_.wait_for(lock, stop, kSoon,
                           [this] { return urgent_ || edits_ >= kEnoughToSend; });
            acks_.wait(lock, [this] {
                return next_id_ - 1 - acknowledged_ < kMaxUnacknowledged || refused_;
            });
            if (refused_) return;
            leaving.swap(waiting_);
            id = next_id_;
            next_id_ += leaving.size();
            edits_ = 0;
            urgent_ = false;
        }
        acks_.notify_all();
        for (Change& change : leaving) {
            redact(change);
            const WireWriter frame = WireWriter().u64(id++).text(encode(change));
            if (!sendFrame(socket_, static_cast<std::uint8_t>(LinkFrame::change), frame.bytes()))
                ::_exit(0);
        }
    }
}

void OwnerLink::receiveLoop() {
    FrameReader reader(socket_);
    while (const auto frame = reader.next()) {
        if (frame->type == static_cast<std::uint8_t>(LinkFrame::ack))
            acknowledge(WireReader(frame->payload));
        if (frame->type == static_cast<std::uint8_t>(LinkFrame::stop)) {
            on_stop_(static_cast<StopReason>(WireReader(frame->payload).u64()));
        }
    }
    // The owner is gone: whoever comes next goes on from what is durable.
    if (!closing_) ::_exit(0);
}

void OwnerLink::acknowledge(WireReader payload) {
    {
        const std::lock_guard lock(mutex_);
        acknowledged_ = payload.u64();
        if (payload.flag()) {
            const auto error_class = static_cast<ErrorClass>(payload.u64());
            std::string code = payload.text();
            refused_ = std::make_exception_ptr(Error(error_class, std::move(code), payload.text()));
        }
    }
    acks_.notify_all();
}

}  // namespace sheafline
