#include "batch/owner_link.h"

#include <chrono>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include <sheafline/error.h>

#include "history/change_wire.h"

namespace sheafline {

namespace {

constexpr std::size_t kEnoughToSend = 256;  // edits
constexpr std::size_t kFull = 4'096;        // edits; beyond it stages wait
constexpr std::size_t kFullBytes = 64U << 20U;
constexpr std::size_t kChangeBytes = 8U << 20U;  // a longer Change is continued in the next
constexpr std::uint64_t kMaxUnacknowledged = 32;
constexpr std::chrono::milliseconds kSoon{50};

std::size_t sizeOf(const ChangedSheet& sheet) {
    std::size_t bytes = sheet.row ? sheet.row->size() : 0;
    if (!sheet.reading) return bytes;
    bytes += sheet.reading->evidence.size() + sheet.reading->flags.size();
    for (const std::string& value : sheet.reading->values) bytes += value.size();
    return bytes;
}

}  // namespace

void sendAlive(int socket, std::chrono::steady_clock::time_point lease_until) {
    const std::chrono::nanoseconds until = lease_until.time_since_epoch();
    offerFrame(socket, static_cast<std::uint8_t>(LinkFrame::alive),
               WireWriter().i64(until.count()).bytes());
}

OwnerLink::OwnerLink(int socket, std::string batch_id, const Redactor& redactor,
                     std::function<void(StopReason)> on_stop, OnAlive on_alive)
    : socket_(socket),
      batch_id_(std::move(batch_id)),
      redactor_(redactor),
      on_stop_(std::move(on_stop)),
      on_alive_(std::move(on_alive)),
      receiver_([this] { receiveLoop(); }),
      sender_([this](const std::stop_token& stop) { sendLoop(stop); }) {}

OwnerLink::~OwnerLink() {
    closing_ = true;
    ::shutdown(socket_, SHUT_RDWR);  // wakes the receiver
}

void OwnerLink::throwIfRejected() const {
    if (rejected_) std::rethrow_exception(rejected_);
}

std::uint64_t OwnerLink::add(const std::function<void(Change&)>& put) {
    if (waiting_.empty() || !waiting_.back().events.empty() || last_bytes_ >= kChangeBytes) {
        waiting_.push_back({.batch_id = batch_id_});
        last_bytes_ = 0;
    }
    Change& change = waiting_.back();
    const std::size_t before = change.sheets.size();
    put(change);
    for (std::size_t i = before; i < change.sheets.size(); ++i) {
        const std::size_t bytes = sizeOf(change.sheets[i]);
        bytes_ += bytes;
        last_bytes_ += bytes;
    }
    ++edits_;
    work_.notify_one();
    return next_id_ + waiting_.size() - 1;
}

void OwnerLink::edit(const std::function<void(Change&)>& put, Room room) {
    std::unique_lock lock(mutex_);
    if (room == Room::wait) {
        acks_.wait(lock, [this] { return (edits_ < kFull && bytes_ < kFullBytes) || rejected_; });
    }
    // A caller that never waits does not learn of it; the next one that waits does.
    if (rejected_ && room == Room::never_wait) return;
    throwIfRejected();
    add(put);
}

void OwnerLink::editAndWait(const std::function<void(Change&)>& put) {
    std::unique_lock lock(mutex_);
    throwIfRejected();
    const std::uint64_t id = add(put);
    urgent_ = true;
    acks_.wait(lock, [&] { return acknowledged_ >= id || rejected_; });
    throwIfRejected();
}

void OwnerLink::redact(Change& change) const {
    const auto mask = [this](std::string& text) { text = redactor_.masked(std::move(text)); };
    for (EventDraft& event : change.events) {
        mask(event.message);
        if (event.error) mask(event.error->message);
    }
    for (ChangedStage& stage : change.stages) {
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
            // A short wait puts many small changes into one.
            work_.wait_for(lock, stop, kSoon, [this] {
                return urgent_ || edits_ >= kEnoughToSend || bytes_ >= kChangeBytes;
            });
            acks_.wait(lock, [this] {
                return next_id_ - 1 - acknowledged_ < kMaxUnacknowledged || rejected_;
            });
            if (rejected_) return;
            leaving.swap(waiting_);
            id = next_id_;
            next_id_ += leaving.size();
            edits_ = 0;
            bytes_ = 0;
            last_bytes_ = 0;
            urgent_ = false;
        }
        acks_.notify_all();
        for (Change& change : leaving) {
            redact(change);
            const WireWriter frame = WireWriter().u64(id++).text(encode(change));
            if (!sendNow(LinkFrame::change, frame.bytes())) ::_exit(0);
        }
    }
}

bool OwnerLink::sendNow(LinkFrame type, std::string_view payload) {
    const std::lock_guard lock(send_mutex_);
    return sendFrame(socket_, static_cast<std::uint8_t>(type), payload);
}

void OwnerLink::receiveLoop() {
    FrameReader reader(socket_);
    while (const auto frame = reader.next()) {
        switch (static_cast<LinkFrame>(frame->type)) {
            case LinkFrame::ack:
                acknowledge(WireReader(frame->payload));
                break;
            case LinkFrame::stop:
                sendNow(LinkFrame::pong, {});
                on_stop_(static_cast<StopReason>(WireReader(frame->payload).u64()));
                break;
            case LinkFrame::ping:
                sendNow(LinkFrame::pong, {});
                break;
            case LinkFrame::alive:
                takeAlive(WireReader(frame->payload));
                break;
            default:
                break;
        }
    }
    // The owner has ended; the next one continues from the durable state.
    if (!closing_) ::_exit(0);
}

void OwnerLink::takeAlive(WireReader payload) {
    const std::chrono::nanoseconds until(payload.i64());
    using Time = std::chrono::steady_clock::time_point;
    if (on_alive_) on_alive_(Time(std::chrono::duration_cast<Time::duration>(until)));
}

void OwnerLink::acknowledge(WireReader payload) {
    bool rejected = false;
    {
        const std::lock_guard lock(mutex_);
        acknowledged_ = payload.u64();
        if (payload.flag()) {
            const auto error_class = static_cast<ErrorClass>(payload.u64());
            std::string code = payload.text();
            rejected = rejected_ == nullptr;
            rejected_ =
                std::make_exception_ptr(Error(error_class, std::move(code), payload.text()));
        }
    }
    acks_.notify_all();
    if (rejected) on_stop_(StopReason::interrupt);
}

}  // namespace sheafline
