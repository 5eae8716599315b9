// The sheet table of a batch as its stages see it: rows are kept in memory, changes go to the
// owner, and what is large (readings, rows) is read back from the history. Thread-safe.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <sheafline/sheets.h>

#include "batch/owner_link.h"
#include "history/history_reader.h"

namespace sheafline {

// The columns of a finished row: the batch's, the processor's, and the confidence.
std::vector<std::string> rowColumnsOf(const std::vector<std::string>& own);

class BatchSheets : public SheetTable {
 public:
    // Paths below `work` are stored as relative paths, so that the folder can move.
    BatchSheets(OwnerLink& link, const sql::Place& history, const BatchRow& batch,
                std::filesystem::path work);

    std::size_t size() const override;
    Sheet at(int number) const override;
    std::size_t count(SheetState state) const override;
    void add(std::vector<Sheet> sheets) override;
    void skip(std::string_view file, std::string_view reason) override;
    void setEntries(std::size_t total) override;
    EntryCounts entries() const override;
    void freeze() override;
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
    bool frozen() const override;
    std::vector<DecidedField> decisions(int number) const override;
    void settle(int number, const Reading& reading) override;
    void flush() override;

    // `check` gets the columns of the finished rows when a stage sets its columns, on the thread of
    // that stage, before a reading is stored. To be called before the first stage runs.
    void checkColumns(std::function<void(const std::vector<std::string>& row_columns)> check) {
        check_columns_ = std::move(check);
    }

 private:
    std::filesystem::path stored(const std::filesystem::path& path) const;
    void change(int number, const std::function<void(Sheet&, ChangedSheet&)>& put);
    void move(Sheet& sheet, SheetState to);
    void setAside(int number, SheetState state, std::string_view reason);
    void requireColumns(int number, const Reading& reading) const;
    void store(int number, const Reading& reading, std::optional<Reading> ChangedSheet::*place);

    // constant after construction
    OwnerLink& link_;
    const std::string batch_id_;
    const std::filesystem::path work_;
    std::function<void(const std::vector<std::string>&)> check_columns_{};

    std::map<int, std::vector<DecidedField>> decided_{};

    mutable std::mutex mutex_;
    // guarded by mutex_
    std::vector<Sheet> sheets_;
    std::vector<std::string> columns_;
    std::map<SheetState, std::size_t> counts_;
    EntryCounts entries_;
    bool frozen_;

    mutable std::mutex reader_mutex_;
    mutable HistoryReader reader_;  // guarded by reader_mutex_
};

}  // namespace sheafline
