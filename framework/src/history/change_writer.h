// Puts Changes into the tables of the history, inside a transaction of its caller. Keeps the
// counters of the batches that it has seen, so that an event costs no query. One thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include <sheafline/sqlite/database.h>

#include "history/change.h"

namespace sheafline {

class ChangeWriter {
 public:
    ChangeWriter(const std::filesystem::path& file, std::string owner_id);
    ~ChangeWriter();
    ChangeWriter(const ChangeWriter&) = delete;
    ChangeWriter& operator=(const ChangeWriter&) = delete;

    sqlite::Database& database() { return database_; }
    std::int64_t lastEventId() const { return last_event_id_; }

    void apply(const Change& change);  // whole, or throws and leaves nothing of it
    void setCursor(const std::string& sink, std::int64_t event_id);
    void forget();  // after a rollback: what was counted is read again

 private:
    struct StageTally {
        double weight = 1;
        bool counts = true;  // false for `finally`
        double share = 0;    // 0 to 1 of this execution
        std::uint64_t failed_before = 0;
    };
    struct Tally {
        std::uint64_t seq = 0;
        int execution = 1;
        std::int64_t elapsed_seconds = 0;
        std::int64_t created_ms = 0;  // wall clock
        std::int64_t created_boot_ms = 0;
        bool same_boot = false;
        std::uint64_t total = 0;
        std::uint64_t read = 0;
        std::uint64_t quarantined = 0;
        std::uint64_t discarded = 0;
        int overall_tenths = 0;
        BatchState state = BatchState::queued;
        std::map<std::string, StageTally, std::less<>> stages{};
    };
    struct Statements;

    Tally& tally(const std::string& batch_id);
    void create(const Change& change);
    void openExecution(const std::string& batch_id, const NextExecution& next);
    void readAgain(const std::string& batch_id, const NextExecution& next);
    void remove(const std::string& batch_id);
    void plan(const Change& change, Tally& counts);
    void changeStages(const Change& change, Tally& counts);
    void changeSheets(const Change& change, Tally& counts);
    void moveSheet(const std::string& batch_id, int number, SheetState to, Tally& counts);
    void addEvent(const Change& change, const EventDraft& draft, Tally& counts);
    void store(const std::string& batch_id, const Tally& counts);

    const std::unique_ptr<sqlite::Database> database_file_;
    sqlite::Database& database_;
    const std::string owner_id_;
    std::unique_ptr<Statements> sql_;
    std::unordered_map<std::string, Tally> tallies_;
    std::int64_t last_event_id_ = 0;
};

}  // namespace sheafline
