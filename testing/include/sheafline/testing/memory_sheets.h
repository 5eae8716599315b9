// The sheets of a batch in memory. Content counts as durable after flush(), freeze() and a
// checkpoint; crash() discards the rest, as a kill would. Thread-safe.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sheafline/sheets.h>
#include <sheafline/testing/call_watch.h>

namespace sheafline::testing {

class MemorySheets : public SheetTable {
 public:
    struct Row {
        Sheet sheet{};
        std::optional<Reading> reading{};
        std::optional<std::vector<std::string>> row{};
        std::vector<DecidedField> decided{};
    };
    struct Content {
        std::vector<Row> rows{};
        std::vector<std::pair<std::string, std::string>> skipped{};  // file, reason
        std::size_t entries_total = 0;
        std::vector<std::string> columns{};
        bool frozen = false;
    };

    std::size_t size() const override;
    Sheet at(int number) const override;
    std::size_t count(SheetState state) const override;
    void add(std::vector<Sheet> sheets) override;
    void skip(std::string_view file, std::string_view reason) override;
    void setEntries(std::size_t total) override;
    EntryCounts entries() const override;
    void freeze() override;
    bool frozen() const override;
    void setPath(int number, const std::filesystem::path& path) override;
    void setCode(int number, std::string_view qr, std::string_view group) override;
    void quarantine(int number, std::string_view reason) override;
    void discard(int number, std::string_view reason) override;
    void countAttempt(int number) override;
    void setColumns(std::vector<std::string> columns) override;
    std::vector<std::string> columns() const override;
    void setReading(int number, const Reading& reading) override;
    std::optional<Reading> reading(int number) const override;
    std::vector<std::string> rowColumns() const override;
    void setRow(int number, const std::vector<std::string>& row) override;
    std::optional<std::vector<std::string>> row(int number) const override;
    std::vector<DecidedField> decisions(int number) const override;
    void settle(int number, const Reading& reading) override;
    void flush() override;

    void decide(int number, DecidedField field);
    void letWait(int number);  // the same as `retry` with a quarantined sheet
    void discard(int number);  // the same as `sheets fix --discard`
    void crash();              // what was not durable is lost
    Content content() const;
    Content durable() const;
    void restore(Content content);

    void countCalls(CallWatch& calls) { calls_ = &calls; }
    // Called whenever the content became durable.
    void onDurable(std::function<void()> kept) { kept_ = std::move(kept); }

 private:
    Row& rowAt(int number);
    void pass(const char* name);
    void keep();

    CallWatch* calls_ = nullptr;
    std::function<void()> kept_{};

    mutable std::mutex mutex_;
    // guarded by mutex_
    Content now_;
    Content durable_;
};

}  // namespace sheafline::testing
