#include "replay/replay.h"

#include <array>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <span>
#include <string_view>
#include <utility>

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <sheafline/sqlite/statement.h>
#include <sheafline/sqlite/transaction.h>

#include "base/clocks.h"

namespace sheafline {

namespace {

using Poco::JSON::Object;
using Seconds = std::chrono::duration<double>;

Object::Ptr objectIn(const std::string& json) {
    return Poco::JSON::Parser().parse(json).extract<Object::Ptr>();
}

bool endsExecution(const std::string& stage) {
    return stage == "completed" || stage == "failed" || stage == "cancelled";
}

// An upload has no bytes here, so the server would take a batch that is uploading for a lost one.
std::string stateOf(const std::string& stage) {
    if (endsExecution(stage)) return stage;
    return stage == "queued" || stage == "uploading" ? "queued" : "running";
}

std::string columnsOf(sqlite::Database& database) {
    return database.textOf("SELECT group_concat(name, ', ') FROM pragma_table_info('batches')");
}

}  // namespace

Replay::Replay(ReplayOrder order, const Parts& parts)
    : order_(std::move(order)),
      parts_(parts),
      database_(parts.history),
      columns_(columnsOf(database_)) {
    readSteps();
    {
        sqlite::Transaction transaction(database_);
        database_.execute(
            "DELETE FROM events; UPDATE stage_runs SET state = 'pending', attempt = 0, started_at "
            "= NULL, finished_at = NULL, elapsed_seconds = NULL, done = 0, failed = 0, error = "
            "NULL, active_ms = 0, active_since_ms = NULL");
        transaction.commit();
    }
    show(0);
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

// The times of events are whole seconds: those of one second are spread over it.
void Replay::readSteps() {
    sqlite::Statement rows(database_, "SELECT seq, json FROM replay_events ORDER BY seq");
    std::vector<std::int64_t> seconds;
    std::map<std::int64_t, int> in_second;
    while (rows.step()) {
        Step step{.event = {.batch_id = order_.batch_id,
                            .seq = static_cast<std::uint64_t>(rows.integer(0)),
                            .json = rows.text(1)}};
        seconds.push_back(
            utcSeconds(objectIn(step.event.json)->getValue<std::string>("timestamp")));
        ++in_second[seconds.back()];
        steps_.push_back(std::move(step));
    }
    std::map<std::int64_t, int> seen;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
        const double part = static_cast<double>(seen[seconds[i]]++) / in_second[seconds[i]];
        steps_[i].at = Seconds(static_cast<double>(seconds[i] - seconds.front()) + part);
    }
}

void Replay::run(const std::stop_token& stop) {
    const auto begin = std::chrono::steady_clock::now();
    std::mutex mutex;
    std::condition_variable_any never;
    try {
        for (std::size_t i = 1; i < steps_.size(); ++i) {
            const auto when = begin + std::chrono::duration_cast<std::chrono::nanoseconds>(
                                          steps_[i].at / order_.speed);
            std::unique_lock lock(mutex);
            never.wait_until(lock, stop, when, [] { return false; });
            if (stop.stop_requested()) return;
            show(i);
        }
        parts_.log.info("the replay of batch " + order_.batch_id + " has ended");
    } catch (const std::exception& error) {
        parts_.log.error("the replay of batch " + order_.batch_id + " ends: " + error.what());
    }
}

void Replay::show(std::size_t number) {
    Step& step = steps_[number];
    {
        sqlite::Transaction transaction(database_);
        sqlite::Statement(database_,
                          "INSERT INTO events(batch_id, seq, execution, json) SELECT batch_id, "
                          "seq, execution, json FROM replay_events WHERE seq = ?1")
            .bind(1, step.event.seq)
            .run();
        step.event.event_id = database_.integerOf("SELECT max(event_id) FROM events");
        showStages(step);
        showBatch(step, number + 1 == steps_.size());
        transaction.commit();
    }
    parts_.hub.deliver(std::span<const CommittedEvent>(&step.event, 1));
    parts_.list.note({.batch_id = order_.batch_id});
}

void Replay::showBatch(const Step& step, bool last) {
    if (last) {
        database_.execute("UPDATE batches SET (" + columns_ + ") = (SELECT " + columns_ +
                          " FROM replay_batches)");
        return;
    }
    const Object::Ptr event = objectIn(step.event.json);
    const auto number = [&](const char* key) { return event->optValue<std::int64_t>(key, 0); };
    sqlite::Statement(
        database_,
        "UPDATE batches SET state = ?1, execution = ?2, seq = ?3, sheets_total = ?4, "
        "sheets_read = ?5, sheets_quarantined = ?6, sheets_discarded = 0, "
        "sheets_doubtful = ?7, answers_doubtful = ?8, owner = ?9, finished_at = NULL, "
        "outcome = NULL, error_code = NULL, error_message = NULL, error_stage = NULL")
        .bind(1, stateOf(event->getValue<std::string>("stage")))
        .bind(2, number("execution"))
        .bind(3, step.event.seq)
        .bind(4, number("sheets_total"))
        .bind(5, number("sheets_processed") - number("sheets_failed"))
        .bind(6, number("sheets_failed"))
        .bind(7, number("sheets_doubtful"))
        .bind(8, number("answers_doubtful"))
        .bind(9, parts_.owner_id)
        .run();
}

// A stage that has ended, and each one when its execution has, is as the batch has it.
void Replay::showStages(const Step& step) {
    const Object::Ptr event = objectIn(step.event.json);
    const auto stage_id = event->optValue<std::string>("stage_id", "");
    const auto execution = event->optValue<std::int64_t>("execution", 1);
    const auto percent = event->getValue<double>("progress_percentage");
    const bool ends = endsExecution(event->getValue<std::string>("stage"));
    if (ends || percent >= 100) {
        sqlite::Statement(database_,
                          "REPLACE INTO stage_runs SELECT * FROM replay_stage_runs WHERE "
                          "execution = ?1 AND (?2 OR stage_id = ?3)")
            .bind(1, execution)
            .bind(2, ends ? 1 : 0)
            .bind(3, stage_id)
            .run();
        return;
    }
    sqlite::Statement(database_,
                      "UPDATE stage_runs SET state = 'running', attempt = ?3, started_at = "
                      "coalesce(started_at, ?4), done = total * ?5 / 100.0 "
                      "WHERE execution = ?1 AND stage_id = ?2")
        .bind(1, execution)
        .bind(2, stage_id)
        .bind(3, event->optValue<std::int64_t>("attempt", 1))
        .bind(4, event->getValue<std::string>("timestamp"))
        .bind(5, percent)
        .run();
}

}  // namespace sheafline
