#include "client/follow.h"

#include <charconv>
#include <chrono>
#include <iostream>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <Poco/Exception.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <sheafline/error.h>

#include "batches/batch_json.h"
#include "client/patience.h"
#include "client/sse_parser.h"
#include "streams/history_events.h"

namespace sheafline {

namespace {

constexpr std::chrono::milliseconds kFollowPoll{100};
constexpr std::size_t kFollowedAtOnce = 1000;

std::string fieldOf(const std::string& json, const std::string& name) {
    try {
        const auto object = Poco::JSON::Parser().parse(json).extract<Poco::JSON::Object::Ptr>();
        return object->optValue<std::string>(name, "");
    } catch (const Poco::Exception&) {
        return {};
    }
}

// The stage of a final event is the state that it ended in.
BatchState endOf(const std::string& final_event) {
    const std::string stage = fieldOf(final_event, "stage");
    if (stage == "completed") return BatchState::completed;
    return stage == "cancelled" ? BatchState::cancelled : BatchState::failed;
}

}  // namespace

BatchState followInFolder(const DataFolder& folder, const std::string& batch_id,
                          const ShowEvents& show, FollowTo to, std::uint64_t after_seq) {
    ReaderPool readers(folder.history());
    HistoryEvents history(readers);
    std::uint64_t after = after_seq;
    while (true) {
        // Read before the events: if the owner is gone by now, all its events are in the history.
        const auto owner = currentOwner(folder);
        const auto batch = readers.take()->batch(batch_id);
        if (!batch)
            throw ConfigError("there is no batch '" + batch_id + "'; see: sheafline batches");
        const auto events = history.read(batch_id, after, kFollowedAtOnce);
        std::vector<CommittedEvent> shown;
        shown.reserve(events.size());
        for (const StreamEvent& event : events)
            shown.push_back({.batch_id = batch_id, .seq = event.seq, .json = event.json});
        if (!shown.empty()) {
            show(shown);
            after = shown.back().seq;
            if (events.back().kind != StreamEventKind::progress) return endOf(shown.back().json);
            continue;
        }
        // The events of the review were read before, because the batch is read before the events.
        if (batch->state == BatchState::reviewing && (!owner || to == FollowTo::end_or_review))
            return BatchState::reviewing;
        if (!owner || shownState(*batch, owner->id) == BatchState::interrupted)
            return BatchState::interrupted;
        std::this_thread::sleep_for(kFollowPoll);
    }
}

namespace {

class ServerStream {
 public:
    ServerStream(const RemoteServer& server, const std::string& batch_id, const ShowEvents& show,
                 FollowTo to)
        : server_(server), path_("/api/batches/" + batch_id), show_(show), to_(to) {}

    BatchState toTheEnd() {
        bool lost = false;
        while (true) {
            try {
                const auto pause = readOnce();
                if (end_) return *end_;
                note(lost, "the server closed the stream");
                patience_.wait(Error(ErrorClass::transient, "SERVER_UNREACHABLE",
                                     server_.url() + " closes every stream immediately"),
                               pause);
            } catch (const Error& error) {
                // A server that never answered is not waited for.
                if (error.errorClass() != ErrorClass::transient || seen_ == 0) throw;
                note(lost, error.what());
                patience_.wait(error);
            }
        }
    }

 private:
    void note(bool& lost, const std::string& what) const {
        if (!std::exchange(lost, true))
            std::cerr << what << "; reconnecting after the last event\n";
    }

    // Reads until the server closes the stream; returns how long to wait before the next one.
    std::chrono::milliseconds readOnce() {
        SseParser parser;
        HttpAsk ask{.path = path_ + "/stream", .fields = {{"Accept", "text/event-stream"}}};
        if (seen_ > 0) ask.fields["Last-Event-ID"] = std::to_string(seen_);
        ask.on_bytes = [&](std::string_view bytes) {
            patience_.renew();  // a heartbeat proves as much as an event
            take(parser.take(bytes));
            return !end_;
        };
        const HttpAnswer answer = server_.send(ask);
        if (answer.status == 204) endedBefore();
        if (answer.status == 401 && seen_ > 0) throw sessionEnded();
        if (answer.status != 200 && answer.status != 204) throwRejection(answer);
        return parser.retry().value_or(std::chrono::milliseconds{});
    }

    void take(const std::vector<SseMessage>& messages) {
        std::vector<CommittedEvent> events;
        for (const SseMessage& message : messages) {
            if (message.name.empty()) {
                // Only a heartbeat: does a process still work on the batch? A stream may outlive
                // its token, so a rejected request says nothing.
                if (events.empty() && stateNow().value_or("") == "interrupted")
                    end_ = BatchState::interrupted;
                continue;
            }
            if (message.name == "auth_expired")
                throw ConfigError("the session ended; sign in again");
            if (message.name == "gap") {
                std::cerr << "the events " << fieldOf(message.data, "from") << " to "
                          << fieldOf(message.data, "to") << " are no longer kept\n";
                continue;
            }
            std::uint64_t seq = 0;
            std::from_chars(message.id.data(), message.id.data() + message.id.size(), seq);
            if (seq <= seen_) continue;
            seen_ = seq;
            in_review_ = fieldOf(message.data, "stage") == "reviewing";
            events.push_back({.seq = seq, .json = message.data});
            if (message.name == "complete" || message.name == "error") end_ = endOf(message.data);
        }
        if (events.empty()) return;
        show_(events);
        // The event may be of an earlier review of this batch.
        if (in_review_ && to_ == FollowTo::end_or_review && stateNow().value_or("") == "reviewing")
            end_ = BatchState::reviewing;
    }

    // 204: the final event was shown, and the connection was lost after it.
    void endedBefore() {
        if (const auto state = stateNow()) end_ = batchState(*state);
    }

    static ConfigError sessionEnded() {
        return ConfigError(std::string("the session ended; sign in again"));
    }

    std::optional<std::string> stateNow() const {
        const HttpAnswer answer = server_.send({.path = path_ + "/status"});
        return answer.status == 200 ? std::optional(fieldOf(answer.body, "state")) : std::nullopt;
    }

    const RemoteServer& server_;
    const std::string path_;
    const ShowEvents& show_;
    const FollowTo to_;
    bool in_review_ = false;  // the newest event begins a review
    Patience patience_{};
    std::uint64_t seen_ = 0;
    std::optional<BatchState> end_{};
};

}  // namespace

BatchState followOnServer(const RemoteServer& server, const std::string& batch_id,
                          const ShowEvents& show, FollowTo to) {
    return ServerStream(server, batch_id, show, to).toTheEnd();
}

}  // namespace sheafline
