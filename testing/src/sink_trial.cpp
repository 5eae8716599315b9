#include <algorithm>
#include <csignal>
#include <unistd.h>
#include <utility>

#include <sheafline/json_writer.h>
#include <sheafline/testing/sink_trial.h>

#include "child_run.h"
#include "outcome_of.h"

namespace sheafline::testing {

SinkTrial::SinkTrial(const std::filesystem::path& plugin, GivenParams params)
    : plugin_(plugin), params_(std::move(params)) {}

void SinkTrial::addJson(std::string json, std::string batch_id) {
    const auto before = std::ranges::count(events_, batch_id, &CommittedEvent::batch_id);
    events_.push_back({.event_id = static_cast<std::int64_t>(events_.size()) + 1,
                       .batch_id = std::move(batch_id),
                       .seq = static_cast<std::uint64_t>(before) + 1,
                       .json = std::move(json)});
}

void SinkTrial::add(std::string_view message, double percentage, std::string_view stage) {
    JsonWriter json;
    json.beginObject().text("stage", stage).text("message", message);
    json.fixed("progress_percentage", percentage, 1).text("timestamp", "2026-01-01T00:00:00Z");
    json.text("batch_id", "batch-1");
    json.integer("seq", std::ranges::count(events_, "batch-1", &CommittedEvent::batch_id) + 1);
    addJson(json.endObject().take());
}

std::optional<BatchView> SinkTrial::batch(std::string_view batch_id) {
    calls_.pass("history.batch");
    const bool known =
        std::ranges::find(events_, batch_id, &CommittedEvent::batch_id) != events_.end();
    return known ? std::optional(batch_) : std::nullopt;
}

std::vector<CommittedEvent> SinkTrial::events(std::string_view batch_id, std::uint64_t after_seq,
                                              std::size_t max) {
    calls_.pass("history.events");
    std::vector<CommittedEvent> found;
    for (const CommittedEvent& event : events_) {
        if (event.batch_id == batch_id && event.seq > after_seq && found.size() < max)
            found.push_back(event);
    }
    return found;
}

void SinkTrial::deliverOnce() {
    if (!sink_) {
        sink_ = plugin_.makeSink(params_, folder_.path());
        sink_->attach(*this);
    }
    calls_.pass("deliver");
    sink_->deliver(std::span(events_).subspan(accepted_));
    calls_.pass("delivered");
}

Outcome SinkTrial::deliver() {
    calls_.actAt(0, {});
    Outcome outcome = outcomeOf([&] { deliverOnce(); });
    if (outcome.code == "done") accepted_ = events_.size();
    return outcome;
}

Outcome SinkTrial::deliverKilledAt(int call) {
    const std::string ended = runInChild([&] {
        sink_.reset();  // its threads are not in the child
        calls_.actAt(call, [] { ::kill(::getpid(), SIGKILL); });
        const Outcome outcome = outcomeOf([&] { deliverOnce(); });
        folder_.write("outcome-code", outcome.code);
        folder_.write("outcome-message", outcome.message);
    });
    sink_.reset();
    if (ended == "killed by SIGKILL") return {.code = "killed", .message = {}};
    if (!ended.empty()) return {.code = "CRASHED", .message = "the sink " + ended};
    Outcome outcome{.code = file("outcome-code"), .message = file("outcome-message")};
    if (outcome.code == "done") accepted_ = events_.size();
    return outcome;
}

void SinkTrial::restart() {
    sink_.reset();
    if (!plugin_.descriptor().durable) accepted_ = events_.size();
}

}  // namespace sheafline::testing
